"""T17: nobody whose name was forged gets a notice from us; forwards leave with our envelope sender (SRS) and an ARC seal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from e2e.service import letter, unique

if TYPE_CHECKING:
    from e2e.service import Service

VICTIM = "victim@none.example"


def test_an_unknown_address_is_refused_in_the_dialogue(service: Service) -> None:
    code, words = service.deliver(VICTIM, "keegi-ei-ole@kadakas.example", letter(VICTIM, "keegi-ei-ole@kadakas.example"))
    assert code == 550
    assert "5.1.1" in words
    silence(service)


def test_a_full_mailbox_is_said_in_the_dialogue(service: Service) -> None:
    """P4.4: 452 while the sender's server is still there, never a notice later."""
    address = service.mailbox(quota="1M")
    big = letter(VICTIM, address, body=("täis " * 15 + "\n") * 7000)
    assert service.deliver(VICTIM, address, big)[0] == 250
    deadline = time.monotonic() + 10
    code = 250
    while code == 250 and time.monotonic() < deadline:
        time.sleep(0.5)
        code, _words = service.deliver(VICTIM, address, big)
    assert code == 452
    silence(service)


def test_a_forward_that_fails_tells_our_postmaster_and_not_the_forged_sender(service: Service, mari: str) -> None:
    alias = f"{unique('edasi')}@kadakas.example"
    service.cli("alias", "add", alias, "--to", "reject-it@outside.example", "--external-acknowledged")
    subject = unique()
    assert service.deliver(VICTIM, alias, letter(VICTIM, alias, subject))[0] == 250
    silence(service)
    notice = service.sunk(subject, wait=10)
    assert notice is not None, "our own postmaster heard nothing"
    assert service.facts.service.provider.contact in notice.recipients
    assert mari not in notice.recipients


def test_a_forward_carries_our_envelope_sender_and_a_seal(service: Service, mari: str) -> None:
    alias = f"{unique('edasi')}@kadakas.example"
    service.cli("alias", "add", alias, "--to", "bob@outside.example", "--to", mari, "--external-acknowledged")
    subject, sender = unique(), "alice@outside.example"
    assert service.deliver(sender, alias, letter(sender, alias, subject))[0] == 250
    got = service.sunk(subject)
    assert got is not None
    assert got.sender.startswith("SRS0=")
    assert got.sender.endswith(f"@{service.name}")
    assert b"ARC-Seal: i=1" in got.content
    found = service.find(mari, subject)
    assert found is not None
    assert found.message["Return-Path"] == f"<{sender}>", "a local delivery keeps the sender as it came"
    # The way back: a notice to the rewritten sender reaches the one who wrote.
    back = unique("tagasi")
    assert service.deliver("", got.sender, letter("postmaster@outside.example", got.sender, back))[0] == 250
    returned = service.sunk(back)
    assert returned is not None
    assert returned.recipients == (sender,)


def silence(service: Service) -> None:
    """Assert that the forged sender was sent nothing."""
    time.sleep(3)
    from kindelpost.engines.outside.sink import received  # noqa: PLC0415 -- only here

    inbox = service.facts.layout.data("outside") / "inbox"
    assert not [message for message in received(inbox) if VICTIM in message.recipients]
