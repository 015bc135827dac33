"""P3: viruses, spam and forgeries are stopped at the door, clean mail comes through. Tried on the service's own mailbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.checks import letters
from kindelpost.engines.checks.letters import EICAR, GTUBE, STRANGER
from kindelpost.engines.helper import ask
from kindelpost.engines.maps import layout
from kindelpost.engines.outside.hosts import GOOD
from kindelpost.engines.outside.hosts import STRANGER as FORGER
from kindelpost.practice.registry import Result, Target, check, failed, passed, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from kindelpost.engines.tries import Reply

__all__ = ["clean", "forged", "outgoing", "oversized", "scannerless", "spam", "viruses"]

HOUR, WEEK = 3600, 7 * 86400
DEEP = 30  # archives, one in the other: more than the scanner opens
VIRUS = "A virus is refused (5xx) before it is accepted."
WRAPPINGS: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    "plain": ("The test virus as the body.", lambda sender, to: letters.letter(sender, to, EICAR)),
    "base64": (
        "The test virus attached in base64.",
        lambda sender, to: letters.with_file(sender, to, "eicar.com", EICAR.encode()),
    ),
    "zip": (
        "The test virus in a zip archive.",
        lambda sender, to: letters.with_file(sender, to, "a.zip", letters.nested(EICAR.encode(), 1)),
    ),
    "nested": (
        "The test virus in a zip in a zip in a zip.",
        lambda sender, to: letters.with_file(sender, to, "a.zip", letters.nested(EICAR.encode(), 3)),
    ),
    "message": (
        "The test virus in a forwarded message.",
        lambda sender, to: letters.within(sender, to, letters.with_file(sender, to, "eicar.com", EICAR.encode())),
    ),
}


def refused(reply: Reply) -> Result:
    """Refused for good is right; taken, or put off until a later try, is not."""
    verdict = failed if reply.code // 100 != 5 else passed  # noqa: PLR2004 -- RFC 5321 §4.2.1: permanent
    return verdict(str(reply), weaker=tries.weaker())


def kept_out(reply: Reply, title: str) -> Result:
    """Refused for good or filed as junk is right."""
    if not reply.accepted:
        return refused(reply)
    held = letters.find(canary(), title, wait=20)
    verdict = passed if held and held[0] == "Junk" else failed
    return verdict(f"{reply}; it lies in {held[0] if held else 'no folder'}", weaker=tries.weaker())


def from_outside(make: Callable[[str, str], bytes], sender: str = STRANGER, host: int = GOOD) -> Reply:
    """One letter from a host of the outside world to the canary."""
    to = canary().address
    with tries.smtp("mx", host=host) as client:
        return tries.transact(client, sender, to, make(sender, to))


def _declare(word: str, name: str, make: Callable[[str, str], bytes]) -> Callable[[Target], Result]:
    def tried(_target: Target) -> Result:
        return refused(from_outside(make))

    tried.__doc__ = name
    return check(f"P3.1.{word}", version=1, kind="does", ttl_s=HOUR, expected=VIRUS)(tried)


viruses = [_declare(word, name, make) for word, (name, make) in WRAPPINGS.items()]


@check("P3.2", version=1, kind="does", ttl_s=HOUR, expected="The test spam (GTUBE) is refused or lies in Junk.")
def spam(_target: Target) -> Result:
    """Spam does not reach the inbox."""
    title = letters.subject()
    return kept_out(from_outside(lambda sender, to: letters.letter(sender, to, GTUBE, title=title)), title)


@check(
    "P3.3", version=1, kind="does", ttl_s=HOUR, expected="Mail that forges a domain which asks for refusal is refused (5xx)."
)
def forged(_target: Target) -> Result:
    """A forged sender whose domain asks p=reject is refused."""
    senders = [canary("b").address, *(["ceo@reject.example"] if tries.place().outside else [])]
    said = {
        sender: from_outside(lambda sender, to: letters.letter(sender, to, "Maksa arve!"), sender, FORGER) for sender in senders
    }
    wrong = [sender for sender, reply in said.items() if reply.code // 100 != 5]  # noqa: PLR2004 -- RFC 5321 §4.2.1: permanent
    words = "; ".join(f"{sender}: {reply}" for sender, reply in said.items())
    return (failed if wrong else passed)(words, weaker=tries.weaker())


@check("P3.5", version=1, kind="does", ttl_s=HOUR, expected="A clean letter is in the inbox within two minutes.", timeout_s=150)
def clean(_target: Target) -> Result:
    """Clean mail comes through."""
    title, begun = letters.subject(), time.monotonic()
    reply = from_outside(lambda sender, to: letters.letter(sender, to, "Tere! Kohtume teisipäeval kell kümme.", title=title))
    if not reply.accepted:
        return failed(str(reply), weaker=tries.weaker())
    held = letters.find(canary(), title, wait=120)
    verdict = passed if held and held[0] == "INBOX" else failed
    took = f"{time.monotonic() - begun:.1f} s"
    return verdict(f"{reply}; in {held[0]} after {took}" if held else f"{reply}; nowhere after {took}", weaker=tries.weaker())


@check("P3.7", version=1, kind="does", ttl_s=WEEK, expected="Without the scanner mail waits (4xx).", timeout_s=60)
def scannerless(_target: Target) -> Result:
    """With the scanner down mail waits; it never passes unchecked.

    Tried on a second Rspamd with the live configuration, from whose sight clamd is taken: the service itself is not stopped.
    """
    said = ask(layout(), "scannerless")
    if said["with"][:1] in {"4", "5"}:
        return unknown(f"The second filter refuses a harmless letter although the scanner is there: {said['with']}")
    verdict = passed if said["without"].startswith("4") else failed
    return verdict(f"with the scanner: taken; without it: {said['without']}", details=said)


@check("P3.8", version=1, kind="does", ttl_s=HOUR, expected="What could not be scanned to its end is refused or lies in Junk.")
def oversized(_target: Target) -> Result:
    """An archive that is nested too deep is not called clean."""
    title = letters.subject()
    deep = letters.nested(b"Tere!", DEEP)
    reply = from_outside(lambda sender, to: letters.with_file(sender, to, "a.zip", deep, title=title))
    return kept_out(reply, title)


@check("P3.9", version=1, kind="does", ttl_s=HOUR, expected="A virus, and spam, from a client's own mailbox are refused (5xx).")
def outgoing(_target: Target) -> Result:
    """Outgoing mail is scanned too."""
    sender, to = canary("a"), canary("b").address
    with tries.smtp("submissions", login=sender.login) as client:
        said = [tries.transact(client, sender.address, to, letters.letter(sender.address, to, body)) for body in (EICAR, GTUBE)]
    wrong = [reply for reply in said if reply.code // 100 != 5]  # noqa: PLR2004 -- RFC 5321 §4.2.1: permanent
    words = "; ".join(f"{what}: {reply}" for what, reply in zip(("virus", "spam"), said, strict=True))
    return (failed if wrong else passed)(words, weaker=tries.weaker())
