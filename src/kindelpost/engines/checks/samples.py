"""Messages that try the filter: harmless test patterns in the wrappings that a scanner must open (P3)."""

from __future__ import annotations

import io
import uuid
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import TYPE_CHECKING

from kindelpost.engines.clamav.probe import EICAR
from kindelpost.lib.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.headerregistry import Address

__all__ = ["CLEAN", "GTUBE", "PREFIX", "VIRUS", "attached", "deep", "forwarded", "letter", "nested", "subject", "zipped"]

PREFIX = "kindelpost-check-"  # of every subject
CLEAN = "Tere! See on teenuse enda kontrollkiri.\n"
VIRUS = f"{EICAR.decode()}\n"
# Split, so that no filter takes this file for the test message.
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n"


def subject() -> str:
    """One that no other message has."""
    return f"{PREFIX}{uuid.uuid4().hex}"


def letter(author: str | Address, to: str, body: str = CLEAN, *, title: str = "") -> EmailMessage:
    """A message in plain text, under a subject of its own unless one is given."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = author, to, title or subject()
    message["Date"] = formatdate(now().timestamp())
    message["Message-ID"] = f"<{uuid.uuid4()}@{str(author).rpartition('@')[2].rstrip('>')}>"
    message.set_content(body)
    return message


def attached(content: bytes, name: str) -> Callable[[str, str], EmailMessage]:
    """A writer of messages with this file attached, in base64."""

    def write(author: str, to: str) -> EmailMessage:
        message = letter(author, to)
        message.add_attachment(content, "application", "octet-stream", filename=name)
        return message

    return write


def forwarded(author: str, to: str) -> EmailMessage:
    """The test virus attached to a message that is attached whole (message/rfc822)."""
    message = letter(author, to)
    message.add_attachment(attached(EICAR, "eicar.com")(author, to))
    return message


def zipped(name: str, content: bytes) -> bytes:
    """A zip archive of one file."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return sink.getvalue()


def nested(content: bytes, depth: int) -> bytes:
    """A file in a zip archive, which lies in another, `depth` of them."""
    for _ in range(depth):
        content = zipped("file.zip" if content[:2] == b"PK" else "file.com", content)
    return content


def deep() -> bytes:
    """Harmless, in more archives than the scanner opens (clamd.conf, MaxRecursion 17)."""
    return nested(CLEAN.encode(), 30)
