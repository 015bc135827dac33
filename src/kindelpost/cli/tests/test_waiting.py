"""A command ends when what it changed is in force, or says that it is not yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kindelpost.cli import session, waiting
from kindelpost.engines.maps import publish_all
from kindelpost.journal.models import Entry
from kindelpost.journal.sweep import sweep
from kindelpost.tenants.actions import create_client, create_mailbox, set_mailbox_quota
from kindelpost.tenants.models import State

if TYPE_CHECKING:
    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout


@pytest.fixture
def quiet(instance: Layout, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Everything answered, and the worker answers whenever somebody waits."""
    publish_all()
    while sweep():
        pass
    monkeypatch.setattr(waiting, "sleep", lambda _seconds: sweep())
    monkeypatch.setattr(session, "_open", lambda _instance: None)
    return world


def test_a_mailbox_is_waited_for_until_it_is_ready(quiet: World) -> None:
    box = create_mailbox(quiet.domain, "liis", password="kadakas-kivi-2026", quota_bytes=10**9, actor=quiet.dora)
    assert box.state != State.READY
    assert waiting.until_ready(box)


def test_what_was_changed_is_answered_before_the_session_ends(quiet: World, instance: Layout) -> None:
    with session.session(instance.root):
        set_mailbox_quota(quiet.mari, 10**9, actor=quiet.dora)
        assert Entry.objects.filter(pending=True).exists()
    assert not Entry.objects.filter(pending=True).exists()


def test_without_the_worker_the_session_ends_and_says_so(
    quiet: World, instance: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "sleep", lambda _seconds: None)
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(waiting, "monotonic", iter(range(100)).__next__)
    with session.session(instance.root):
        set_mailbox_quota(quiet.mari, 10**9, actor=quiet.dora)
    assert "the worker has not carried it out yet" in capsys.readouterr().err


def test_somebody_elses_older_entry_is_not_waited_for(quiet: World, monkeypatch: pytest.MonkeyPatch) -> None:
    create_client("gamma", "Gamma", actor=quiet.dora)
    Entry.objects.update(pending=True)
    monkeypatch.setattr(waiting, "sleep", lambda _seconds: pytest.fail("it waited"))
    assert waiting.until_answered(waiting.last_entry())
