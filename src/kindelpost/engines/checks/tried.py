"""How the checks of filtering bring a message to the service and find it again."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kindelpost.engines import tries
from kindelpost.practice.registry import failed, passed, unknown

if TYPE_CHECKING:
    import imaplib
    import smtplib
    from email.message import EmailMessage

    from kindelpost.engines.canary import Canary
    from kindelpost.practice.registry import Result

__all__ = ["Found", "arrived", "bring", "refusal", "stranger"]

IMAP_HOST = 11  # sign-ins count by source host, and others try from other hosts
PAUSE_SECONDS = 0.2
SOON_SECONDS = 15.0


@dataclass(frozen=True)
class Found:
    """A message that arrived: its folder, the whole of it, and how long it was waited for."""

    folder: str
    raw: bytes
    seconds: float

    @property
    def header(self) -> str:
        """What stands before the first empty line."""
        return self.raw.partition(b"\r\n\r\n")[0].decode(errors="replace")


def stranger() -> tuple[str, str]:
    """Envelope sender and author of mail from outside that proves nothing and forges nobody.

    Beyond the evaluation no real domain may be used: `.invalid` has no policy (RFC 6761 §6.4), and the null sender needs none.
    """
    return ("alice@outside.example", "alice@outside.example") if tries.place().outside else ("", "stranger@kindelpost.invalid")


def bring(client: smtplib.SMTP, sender: str, to: str, message: EmailMessage) -> tries.Reply:
    """What the filter says of a message. Raises `RuntimeError` where its envelope is not taken: the filter saw nothing then."""
    reply = tries.address_to(client, sender, to)
    if not reply.accepted:
        raise RuntimeError(f"the envelope was not taken: {reply}")
    return tries.Reply.of(client.data(message.as_bytes()))


def refusal(reply: tries.Reply, why: str, box: Canary, message: EmailMessage) -> Result:
    """Was it refused for good and for this reason (a pattern, in lower case)? A refusal for another one proves nothing.

    4xx is a failure too: the message has not arrived, but whoever should have judged it did not.
    """
    weaker = tries.weaker()
    if reply.accepted:
        found = arrived(box, message["Subject"])
        where = f"arrived in {found.folder}" if found else "is on its way"
        return failed(f"It was taken ({reply}) and {where}.", weaker=weaker)
    if reply.put_off:
        return failed(f"It was put off, not refused: {reply}", weaker=weaker)
    if not re.search(why, reply.words.lower()):
        return unknown(f"It was refused for another reason: {reply}", weaker=weaker)
    return passed(f"Refused: {reply}", weaker=weaker)


def arrived(box: Canary, subject: str, wait_s: float = SOON_SECONDS) -> Found | None:
    """Where the message with this subject is found in INBOX or Junk, there deleted; None after `wait_s`."""
    begun = time.monotonic()
    with tries.imap(box.login, host=IMAP_HOST) as client:
        while True:
            for folder in ("INBOX", "Junk"):
                if raw := _taken(client, folder, subject):
                    return Found(folder, raw, time.monotonic() - begun)
            if time.monotonic() - begun > wait_s:
                return None
            time.sleep(PAUSE_SECONDS)


def _taken(client: imaplib.IMAP4, folder: str, subject: str) -> bytes:
    """The message if it is in this folder, where it then is no more (CLOSE expunges, RFC 9051 §6.4.1)."""
    if client.select(folder)[0] != "OK":
        return b""
    found = client.uid("SEARCH", "SUBJECT", f'"{subject}"')[1][0]
    raw = b""
    if found:
        number = found.split()[-1].decode()
        first = client.uid("FETCH", number, "(BODY.PEEK[])")[1][0]
        raw = first[1] if isinstance(first, tuple) else b""
        client.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)")
    client.close()
    return raw
