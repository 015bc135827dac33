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
    """A message that arrived: its folder, its header, and how long it was waited for."""

    folder: str
    header: str
    seconds: float


def stranger() -> tuple[str, str]:
    """Envelope sender and author of mail from outside that proves nothing and forges nobody.

    Beyond the evaluation no real domain may be used: `.invalid` has no policy (RFC 6761 §6.4), and the null sender needs none.
    """
    return ("alice@outside.example", "alice@outside.example") if tries.place().outside else ("", "stranger@kindelpost.invalid")


def bring(client: smtplib.SMTP, sender: str, to: str, message: EmailMessage) -> tries.Reply:
    """What the filter says of a message. Raises `RuntimeError` where its envelope is not taken: the filter saw nothing then."""
    code, words = client.mail(sender)
    if code // 100 == 2:  # noqa: PLR2004 -- RFC 5321 §4.2.1
        code, words = client.rcpt(to)
    if code // 100 != 2:  # noqa: PLR2004 -- RFC 5321 §4.2.1
        client.rset()
        raise RuntimeError(f"the envelope was not taken: {code} {words.decode(errors='replace')}")
    code, words = client.data(message.as_bytes())
    return tries.Reply(code, words.decode(errors="replace"))


def refusal(reply: tries.Reply, why: str, box: Canary, message: EmailMessage) -> Result:
    """Was it refused for good and for this reason (a pattern, in lower case)? A refusal for another one proves nothing.

    4xx is a failure too: the message has not arrived, but whoever should have judged it did not.
    """
    weaker = tries.weaker()
    if reply.accepted:
        found = arrived(box, message)
        where = f"arrived in {found.folder}" if found else "is on its way"
        return failed(f"It was taken ({reply}) and {where}.", weaker=weaker)
    if reply.code // 100 == 4:  # noqa: PLR2004 -- RFC 5321 §4.2.1
        return failed(f"It was put off, not refused: {reply}", weaker=weaker)
    if not re.search(why, reply.words.lower()):
        return unknown(f"It was refused for another reason: {reply}", weaker=weaker)
    return passed(f"Refused: {reply}", weaker=weaker)


def arrived(box: Canary, message: EmailMessage, wait_s: float = SOON_SECONDS) -> Found | None:
    """Where a message is found in INBOX or Junk, there deleted; None after `wait_s`."""
    begun = time.monotonic()
    with tries.imap(box.login, host=IMAP_HOST) as client:
        while True:
            for folder in ("INBOX", "Junk"):
                header = _taken(client, folder, str(message["Subject"]))
                if header:
                    return Found(folder, header, time.monotonic() - begun)
            if time.monotonic() - begun > wait_s:
                return None
            time.sleep(PAUSE_SECONDS)


def _taken(client: imaplib.IMAP4, folder: str, subject: str) -> str:
    """The header of the message if it is in this folder, where it then is no more (CLOSE expunges, RFC 9051 §6.4.1)."""
    if client.select(folder)[0] != "OK":
        return ""
    number = _number(client, subject)
    header = _header(client, number) if number else ""
    if number:
        client.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)")
    client.close()
    return header


def _number(client: imaplib.IMAP4, subject: str) -> str:
    found = client.uid("SEARCH", "SUBJECT", f'"{subject}"')[1][0]
    return found.split()[-1].decode() if found else ""


def _header(client: imaplib.IMAP4, number: str) -> str:
    first = client.uid("FETCH", number, "(BODY.PEEK[HEADER])")[1][0]
    return first[1].decode(errors="replace") if isinstance(first, tuple) else ""
