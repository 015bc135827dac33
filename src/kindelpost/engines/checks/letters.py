"""The letters that checks send to the service's own mailboxes, and how they are found there and removed."""

from __future__ import annotations

import email.message
import email.policy
import email.utils
import time
import uuid
from typing import TYPE_CHECKING

from kindelpost.engines import tries

if TYPE_CHECKING:
    from kindelpost.engines.canary import Canary

__all__ = ["STRANGER", "find", "letter", "subject"]

STRANGER = "alice@outside.example"  # RFC 2606: nobody's; the evaluation's world has it
MAIN = ("INBOX", "Junk")


def subject() -> str:
    """One that no other message has."""
    return f"Kindelpost {uuid.uuid4().hex[:16]}"


def _message(sender: str, to: str, title: str) -> email.message.EmailMessage:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, title or subject()
    message["Date"] = email.utils.formatdate()
    message["Message-ID"] = email.utils.make_msgid(domain=email.utils.parseaddr(sender)[1].rpartition("@")[2])
    return message


def letter(sender: str, to: str, body: str, *, title: str = "") -> bytes:
    """A plain one."""
    message = _message(sender, to, title)
    message.set_content(f"{body}\n")
    return message.as_bytes()


def find(box: Canary, title: str, *, wait: float) -> tuple[str, bytes] | None:
    """The folder and the bytes of the message with this subject, which is removed; None after `wait` seconds without it."""
    end = time.monotonic() + wait
    with tries.imap(box.login) as client:
        while True:
            for folder in MAIN:
                client.select(folder)
                numbers = client.search(None, "SUBJECT", f'"{title}"')[1][0].split()
                if numbers:
                    held = client.fetch(numbers[0].decode(), "(BODY.PEEK[])")[1][0]
                    for number in numbers:
                        client.store(number.decode(), "+FLAGS", "\\Deleted")
                    client.expunge()
                    return folder, held[1] if isinstance(held, tuple) else b""
            if time.monotonic() > end:
                return None
            time.sleep(0.2)
