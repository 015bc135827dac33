"""What each stack makes of the same bad mail: speed counts only at equal or better verdicts."""

from __future__ import annotations

import base64
import io
import secrets
import smtplib
import time
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import TYPE_CHECKING

from kindelpost.bench.corpus import SENDER
from kindelpost.engines.outside.client import Client
from kindelpost.engines.outside.hosts import GOOD, STRANGER
from kindelpost.engines.outside.namespace import host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kindelpost.bench.stack import Stack

__all__ = ["SAMPLES", "verdict", "verdicts"]

# In base64, so that a scanner of this file finds nothing.
EICAR = base64.b64decode("WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=")
GTUBE = base64.b64decode(
    "WEpTKkM0SkRCUUFETjEuTlNCTjMqMklETkVOKkdUVUJFLVNUQU5EQVJELUFOVEktVUJFLVRFU1QtRU1BSUwqQy4zNFg="
).decode()
WAIT_SECONDS = 10


def _zipped(data: bytes, name: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return held.getvalue()


# name → (header From, text, attachment, host of the outside world)
SAMPLES: dict[str, tuple[str, str, bytes, int]] = {
    "clean": (SENDER, "Tere!\n", b"", GOOD),
    "EICAR attached": (SENDER, "Tere!\n", EICAR, GOOD),
    "EICAR in the text": (SENDER, EICAR.decode(), b"", GOOD),
    "EICAR in a zip in a zip": (SENDER, "Tere!\n", _zipped(_zipped(EICAR, "e.com"), "e.zip"), GOOD),
    "GTUBE": (SENDER, f"{GTUBE}\n", b"", GOOD),
    "forged in a client's name": ("jaan@kadakas.example", "Maksa arve!\n", b"", STRANGER),
    "forged, asks p=reject": ("ceo@reject.example", "Maksa arve!\n", b"", STRANGER),
    "forged, asks p=quarantine": ("ceo@quarantine.example", "Maksa arve!\n", b"", STRANGER),
}


def verdicts(stacks: Sequence[Stack]) -> dict[str, dict[str, str]]:
    """Sample → stack → `refused`, `deferred`, or the folder it is in."""
    return {name: {stack.name: verdict(stack, name) for stack in stacks} for name in SAMPLES}


def verdict(stack: Stack, name: str) -> str:
    """Bring the sample called `name` to the stack and see where it ends."""
    author, text, attached, number = SAMPLES[name]
    to, subject = next(iter(stack.maildirs)), f"sample {secrets.token_hex(8)}"
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = author, to, subject
    message["Date"], message["Message-ID"] = formatdate(), f"<{secrets.token_hex(8)}@outside.example>"
    message.set_content(text)
    if attached:
        message.add_attachment(attached, maintype="application", subtype="octet-stream", filename="manus.bin")
    try:
        _send(stack, author, to, message.as_bytes(), number)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refusal:
        code = getattr(refusal, "smtp_code", 550)
        return "refused" if code >= 500 else "deferred"  # noqa: PLR2004 -- RFC 5321 §4.2.1
    return _where(stack, subject.encode())


def _send(stack: Stack, author: str, to: str, raw: bytes, number: int) -> None:
    outside = stack.facts.outside
    assert outside is not None  # noqa: S101 -- the bench runs with an outside world only
    source = host(outside, number).v4
    with Client(outside.namespace, outside.service_v4, stack.port, source=source, timeout=60) as client:
        client.sendmail(author, [to], raw)


def _where(stack: Stack, subject: bytes) -> str:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        for folder, path in stack.messages():
            if subject in path.read_bytes():
                path.unlink()
                return folder
        time.sleep(0.05)
    return "accepted, and in no folder"
