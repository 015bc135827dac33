"""A client's mail is signed twice and leaves over verified TLS; where TLS was promised and is missing, it waits (T03, P5)."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import dkim
import pytest

from e2e.service import letter, unique

if TYPE_CHECKING:
    from e2e.service import Service


def verified(service: Service, raw: bytes) -> list[bytes]:
    """The signature algorithms that dkimpy verifies, with the keys as the outside world's DNS shows them."""
    message = dkim.DKIM(raw)
    count = raw.count(b"DKIM-Signature:")
    algorithms = []
    for index in range(count):
        with suppress(dkim.ValidationError):
            if message.verify(idx=index, dnsfunc=lambda name, timeout=5: service.txt(name.decode())):  # noqa: ARG005 -- dkimpy's signature
                algorithms.append(message.signature_fields[b"a"])
    return sorted(algorithms)


@pytest.mark.parametrize("door", ["submissions", "submission"])
def test_mail_to_the_world_is_signed_with_both_keys_and_sent_over_verified_tls(service: Service, mari: str, door: str) -> None:
    subject, to = unique(), "bob@secure.example"
    code, words = service.submit(mari, mari, to, letter(mari, to, subject), door=door)
    assert code == 250, words
    got = service.sunk(subject)
    assert got is not None
    assert got.sender == mari
    assert got.tls in {"TLSv1.2", "TLSv1.3"}
    assert verified(service, got.content) == [b"ed25519-sha256", b"rsa-sha256"]
    assert "Verified TLS connection established to mx.secure.example" in service.mail_log


def test_mail_between_two_clients_is_signed_too(service: Service, mari: str, piret: str) -> None:
    subject = unique()
    assert service.submit(mari, mari, piret, letter(mari, piret, subject))[0] == 250
    found = service.find(piret, subject)
    assert found is not None
    assert found.folder == "INBOX"
    assert found.raw.count(b"DKIM-Signature:") == 2


def test_an_altered_message_no_longer_verifies(service: Service, mari: str) -> None:
    """The negative twin of the first test: a verifier that cannot fail proves nothing. A second Subject breaks it too (T13)."""
    subject, to = unique(), "bob@secure.example"
    assert service.submit(mari, mari, to, letter(mari, to, subject))[0] == 250
    got = service.sunk(subject)
    assert got is not None
    assert verified(service, got.content.replace(b"Tere!", b"Tore!")) == []
    assert verified(service, b"Subject: teine\r\n" + got.content) == []


@pytest.mark.parametrize("domain", ["strip.example", "strip-sts.example"])
def test_where_tls_was_promised_and_is_missing_the_mail_waits(service: Service, mari: str, domain: str) -> None:
    """T03: DANE or MTA-STS promises TLS, the way offers none: deferred, never in clear text."""
    subject, to = unique(), f"bob@{domain}"
    assert service.submit(mari, mari, to, letter(mari, to, subject))[0] == 250
    assert service.sunk(subject, wait=4) is None
    end = time.monotonic() + 10
    while f"to=<{to}>" not in service.mail_log and time.monotonic() < end:
        time.sleep(0.3)
    line = next(line for line in reversed(service.mail_log.splitlines()) if f"to=<{to}>" in line)
    assert "status=deferred" in line
    assert "TLS" in line


def test_where_nothing_was_promised_it_leaves_in_clear(service: Service, mari: str) -> None:
    """The positive twin: opportunistic TLS does not hold up mail to a domain that promises nothing."""
    subject, to = unique(), "bob@plain.example"
    assert service.submit(mari, mari, to, letter(mari, to, subject))[0] == 250
    got = service.sunk(subject)
    assert got is not None
    assert not got.tls


def test_a_domain_whose_signatures_do_not_verify_gets_nothing(service: Service, mari: str) -> None:
    """T36: bogus DNSSEC is no answer; the mail is not sent anywhere."""
    subject, to = unique(), "bob@bogus.example"
    service.submit(mari, mari, to, letter(mari, to, subject))
    assert service.sunk(subject, wait=4) is None
