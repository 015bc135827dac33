"""Reactions happen once, in order, and are never lost."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from kindelpost.journal import registry
from kindelpost.journal.actions import record
from kindelpost.journal.actor import SYSTEM, Thing
from kindelpost.journal.events import Event
from kindelpost.journal.models import Entry, Mark
from kindelpost.journal.registry import reacts_to
from kindelpost.journal.sweep import sweep

if TYPE_CHECKING:
    from time_machine import Traveller

pytestmark = pytest.mark.django_db


class Answers:
    """A reaction that notes what it answered, and fails while it is told to."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.failing: set[str] = set()

    def __call__(self, entry: Entry) -> None:
        record(Event.CLIENT_REMOVED, Thing("trace", "0", entry.subject_label), actor=SYSTEM)
        if entry.subject_label in self.failing:
            raise RuntimeError(entry.subject_label)
        self.seen.append(entry.subject_label)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    monkeypatch.setattr(registry, "_registered", defaultdict(list))
    noted = Answers()

    @reacts_to(Event.CLIENT_CREATED)
    def first(entry: Entry) -> None:
        noted(entry)

    return noted


def _happen(label: str) -> Entry:
    return record(Event.CLIENT_CREATED, Thing("client", "1", label), actor=SYSTEM, client_id=7, colour="red")


def test_an_entry_says_who_did_what_to_whose_thing(clock: Traveller) -> None:
    entry = Entry.objects.get(pk=_happen("alfa").pk)
    assert (entry.name, entry.actor_kind, entry.subject_label, entry.client_id) == ("client.created", "system", "alfa", 7)
    assert entry.data == {"colour": "red"}
    assert entry.at.isoformat() == "2026-11-24T09:00:00+00:00"


def test_entries_are_answered_once_and_in_order(answers: Answers) -> None:
    for label in ("a", "b", "c"):
        _happen(label)
    assert sweep() == 3
    assert sweep() == 0
    assert answers.seen == ["a", "b", "c"]
    assert not Entry.objects.filter(pending=True).exists()


def test_a_failed_reaction_holds_up_no_other_and_is_tried_again_later(answers: Answers, clock: Traveller) -> None:
    answers.failing = {"a"}
    _happen("a"), _happen("b")
    sweep()
    assert answers.seen == ["b"]
    answers.failing = set()
    assert sweep() == 0  # not yet
    clock.shift(0.3)
    assert sweep() == 1
    assert answers.seen == ["b", "a"]


def test_a_reaction_that_fails_leaves_nothing_of_its_work_but_the_reason(answers: Answers, clock: Traveller) -> None:
    answers.failing = {"a"}
    _happen("a")
    sweep()
    mark = Mark.objects.get()
    assert (mark.done_at, mark.attempts, mark.error) == (None, 1, "a")
    assert not Entry.objects.filter(subject_kind="trace").exists()


def test_a_reaction_that_always_fails_is_tried_ever_more_rarely_and_never_given_up(answers: Answers, clock: Traveller) -> None:
    answers.failing = {"a"}
    _happen("a")
    for _ in range(60):
        sweep()
        clock.shift(60)
    assert 10 < Mark.objects.get().attempts < 25
    answers.failing = set()
    clock.shift(300)
    assert sweep() == 1


def test_a_mark_that_another_worker_claimed_is_not_answered_again(answers: Answers, clock: Traveller) -> None:
    entry = _happen("a")
    Mark.objects.create(entry=entry, reaction="journal.tests.test_sweep.first", done_at=entry.at)
    reaction = registry.reactions_to("client.created")[0]
    Mark.objects.filter(entry=entry).update(reaction=reaction.name)
    assert sweep() == 0
    assert answers.seen == []


def test_a_later_reaction_waits_for_the_earlier_one_of_the_same_entry(answers: Answers, clock: Traveller) -> None:
    second: list[str] = []

    @reacts_to(Event.CLIENT_CREATED)
    def then(entry: Entry) -> None:
        second.append(entry.subject_label)

    answers.failing = {"a"}
    _happen("a")
    sweep()
    assert second == []
    answers.failing = set()
    clock.shift(1)
    sweep()
    assert (answers.seen, second) == (["a"], ["a"])
