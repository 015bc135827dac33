"""P3.1, P3.9: a virus is refused in every wrapping, both ways; P3.8: what could not be scanned whole is not called clean."""

from __future__ import annotations

import email.message
import email.policy
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from e2e.service import EICAR, letter, unique

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.service import Service

ALICE = "alice@outside.example"


def zipped(name: str, content: bytes) -> bytes:
    """A zip archive of one file."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return sink.getvalue()


def plain(sender: str, to: str) -> bytes:
    """The test file as the whole body."""
    return letter(sender, to, body=f"{EICAR}\n")


def attached(content: bytes, name: str) -> Callable[[str, str], bytes]:
    """A message with an attachment in base64."""

    def make(sender: str, to: str) -> bytes:
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message["From"], message["To"], message["Subject"] = sender, to, unique("arve")
        message.set_content("Arve manuses.\n")
        message.add_attachment(content, "application", "octet-stream", filename=name)
        return message.as_bytes()

    return make


def inner_message(sender: str, to: str) -> bytes:
    """Inside a forwarded message (message/rfc822)."""
    inner = email.message_from_bytes(attached(EICAR.encode(), "eicar.com")(sender, to), policy=email.policy.SMTP)
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, unique("edasi")
    message.set_content("Edastan.\n")
    message.add_attachment(inner)
    return message.as_bytes()


WRAPPINGS = {
    "plain": plain,
    "base64": attached(EICAR.encode(), "eicar.com"),
    "zip": attached(zipped("eicar.com", EICAR.encode()), "a.zip"),
    "zip in zip": attached(zipped("b.zip", zipped("eicar.com", EICAR.encode())), "a.zip"),
    "zip in zip in zip": attached(zipped("c.zip", zipped("b.zip", zipped("eicar.com", EICAR.encode()))), "a.zip"),
    "message/rfc822": inner_message,
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_virus_from_outside_is_refused(service: Service, mari: str, wrapping: str) -> None:
    code, words = service.deliver(ALICE, mari, WRAPPINGS[wrapping](ALICE, mari))
    assert code == 554, words
    assert "virus" in words.lower()


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_virus_from_a_client_is_refused(service: Service, mari: str, wrapping: str) -> None:
    to = "bob@outside.example"
    code, words = service.submit(mari, mari, to, WRAPPINGS[wrapping](mari, to))
    assert code == 554, words


def test_the_same_wrapping_without_the_virus_arrives(service: Service, mari: str) -> None:
    raw = attached(zipped("b.zip", zipped("kiri.txt", b"Tere!")), "a.zip")(ALICE, mari)
    assert service.deliver(ALICE, mari, raw)[0] == 250


def test_an_archive_deeper_than_the_scanner_looks_is_not_taken_for_clean(service: Service, mari: str) -> None:
    """P3.8, T25: thirty archives one in another."""
    content = EICAR.encode()
    for _ in range(30):
        content = zipped("sees.zip", content)
    raw = attached(content, "sügav.zip")(ALICE, mari)
    code, words = service.deliver(ALICE, mari, raw)
    if code // 100 == 5:
        return
    assert code == 250, words
    subject = str(email.message_from_bytes(raw)["Subject"])
    found = service.find(mari, subject)
    assert found is not None
    assert found.folder == "Junk"
