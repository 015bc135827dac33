"""A message from outside is received, scanned, delivered and read (P3.5), and brings no marks of its own (T16)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from e2e.service import GTUBE, letter, unique
from kindelpost.engines.outside.hosts import STRANGER

if TYPE_CHECKING:
    from e2e.service import Service

ALICE = "alice@outside.example"


@pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
def test_clean_mail_reaches_the_inbox_within_seconds(service: Service, mari: str, v6: bool) -> None:  # noqa: FBT001 -- parametrised
    subject, begun = unique(), time.monotonic()
    code, words = service.deliver(ALICE, mari, letter(ALICE, mari, subject), v6=v6)
    assert code == 250, words
    found = service.find(mari, subject)
    assert found is not None
    assert found.folder == "INBOX"
    assert time.monotonic() - begun < 120  # P3.5's own limit
    results = found.message["Authentication-Results"]
    assert results.startswith(service.name)
    assert "spf=pass" in results
    assert any("TLSv1.3" in received for received in found.message.get_all("Received", []))


def test_an_address_with_a_tag_reaches_its_mailbox(service: Service, mari: str) -> None:
    subject = unique()
    tagged = mari.replace("@", "+uudised@")
    assert service.deliver(ALICE, tagged, letter(ALICE, tagged, subject))[0] == 250
    assert service.find(mari, subject) is not None


def test_gtube_is_refused(service: Service, mari: str) -> None:
    code, words = service.deliver(ALICE, mari, letter(ALICE, mari, body=f"{GTUBE}\n"))
    assert code == 554, words


def test_marks_that_only_we_may_set_are_gone_at_delivery(service: Service, mari: str) -> None:
    """T16: a sender's Authentication-Results in our name, and X-Spam, are removed."""
    subject = unique()
    forged = (
        ("Authentication-Results", f"{service.name}; dkim=pass header.d=bank.example"),
        ("X-Spam", "Yes"),
        ("X-Virus", "none"),
    )
    assert service.deliver(ALICE, mari, letter(ALICE, mari, subject, extra=forged))[0] == 250
    found = service.find(mari, subject)
    assert found is not None
    assert found.folder == "INBOX", "the sender's own X-Spam decided"
    assert "bank.example" not in found.raw.decode()
    assert found.message["X-Virus"] is None


@pytest.mark.parametrize(
    ("domain", "want"), [("reject.example", "refused"), ("quarantine.example", "Junk"), ("none.example", "INBOX")]
)
def test_forged_mail_is_treated_as_its_domain_asks(service: Service, mari: str, domain: str, want: str) -> None:
    """P3.3: SPF fails and there is no signature; a stranger writes in the domain's name."""
    subject = unique()
    sender = f"raamatupidaja@{domain}"
    code, words = service.deliver(sender, mari, letter(sender, mari, subject), source=STRANGER, helo="stranger.outside.example")
    if want == "refused":
        assert code == 554, words
        assert "5.7.1" in words
        return
    assert code == 250, words
    found = service.find(mari, subject)
    assert found is not None
    assert found.folder == want


@pytest.mark.parametrize("domain", ["reject.example", "quarantine.example"])
def test_the_same_domains_own_mail_arrives(service: Service, mari: str, domain: str) -> None:
    subject = unique()
    sender = f"raamatupidaja@{domain}"
    assert service.deliver(sender, mari, letter(sender, mari, subject))[0] == 250
    found = service.find(mari, subject)
    assert found is not None
    assert found.folder == "INBOX"
