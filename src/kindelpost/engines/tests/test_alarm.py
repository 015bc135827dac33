"""The security address is told once that a mandatory check fails."""

from __future__ import annotations

import email
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines import alarm, canary
from kindelpost.engines.tries import Reply
from kindelpost.journal.actions import record
from kindelpost.journal.actor import SYSTEM, Thing
from kindelpost.journal.events import Event
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from time_machine import Traveller

    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout
    from kindelpost.journal.models import Entry

Sent = list[tuple[str, bytes]]


@pytest.fixture
def sent(instance: Layout, world: World, monkeypatch: pytest.MonkeyPatch) -> Sent:
    canary.ensure()
    kept: Sent = []

    def submit(_sender: canary.Canary, to: str, raw: bytes) -> Reply:
        kept.append((to, raw))
        return Reply(250, "2.0.0 Ok")

    monkeypatch.setattr(alarm, "_submit", submit)
    return kept


def entry(identity: str, target: str = "kadakas.example", *, mandatory: bool = True) -> Entry:
    subject = Thing("check", identity, f"{identity} on {target}")
    return record(
        Event.CHECK_FAILED,
        subject,
        actor=SYSTEM,
        target=target,
        expected="553 5.7.1",
        observed="250 võetud",
        mandatory=mandatory,
    )


def test_it_says_what_where_and_how_to_try_again_in_both_languages(sent: Sent) -> None:
    alarm.tell_security(entry("P3.1"))
    ((to, raw),) = sent
    assert to == "security@provider.example"
    message = email.message_from_bytes(raw)
    body = message.get_payload(decode=True)
    assert isinstance(body, bytes)
    said = body.decode()
    for words in ("leidis puuduse", "fails", "kadakas.example", "553 5.7.1", "250 võetud", "kindelpost check P3.1"):
        assert words in said
    assert message["Auto-Submitted"] == "auto-generated"


def test_many_targets_of_one_check_are_one_mail_in_ten_minutes(sent: Sent, clock: Traveller) -> None:
    for target in ("a.example", "b.example"):
        alarm.tell_security(entry("P3.1", target))
    alarm.tell_security(entry("P3.2"))
    assert len(sent) == 2
    clock.shift(timedelta(minutes=11))
    alarm.tell_security(entry("P3.1"))
    assert len(sent) == 3


def test_what_is_not_mandatory_is_in_the_log_alone(sent: Sent) -> None:
    alarm.tell_security(entry("P3.1", mandatory=False))
    assert not sent


def test_a_refusal_is_an_error_so_that_it_is_tried_again(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm, "_submit", lambda *_words: Reply(451, "4.7.1 later"))
    with pytest.raises(EngineFault, match=r"451 4\.7\.1 later"):
        alarm.tell_security(entry("P3.1"))


def test_the_use_of_the_sealed_account_is_told_at_once(sent: Sent) -> None:
    used = record(
        Event.BREAK_GLASS_USED,
        Thing("person", "7", "provider/envelope"),
        actor=SYSTEM,
        means=["password", "recovery_codes"],
        address="198.51.100.7",
    )
    alarm.tell_break_glass(used)
    ((to, raw),) = sent
    message = email.message_from_bytes(raw)
    body = message.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert to == "security@provider.example"
    assert all(word in body.decode() for word in ("provider/envelope", "198.51.100.7", "Pitseeritud"))
    assert message["Message-ID"].startswith("<account-break-glass-used-")
