"""P3: viruses, spam and forged mail are tried on the service's own mailbox, from outside and outwards.

Nothing here leaves the service: what a client's mailbox sends, it sends to the other one of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.checks.samples import GTUBE, VIRUS, attached, deep, forwarded, letter, nested, zipped
from kindelpost.engines.checks.tried import arrived, bring, refusal, stranger
from kindelpost.engines.clamav.probe import EICAR
from kindelpost.engines.outside.hosts import STRANGER
from kindelpost.practice.registry import Result, Target, check, failed, not_applicable, passed
from kindelpost.practice.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

__all__ = ["clean", "forged_own", "forged_policy", "outgoing", "spam", "too_deep"]

HOUR = 3600
DELIVERED_SECONDS = 110.0  # the two minutes of P3.5, less what the session itself takes
FORGED = "ceo@reject.example"  # the evaluation's outside world: p=reject, and SPF names another host
VIRUS_REFUSED = "It is refused (5xx) for the virus."


def _virus(write: Callable[[str, str], EmailMessage]) -> Result:
    box, (sender, author) = canary(), stranger()
    message = write(author, box.address)
    with tries.smtp() as client:
        reply = bring(client, sender, box.address, message)
    return refusal(reply, "virus", box, message)


@check("P3.1.plain", version=1, kind="does", ttl_s=HOUR, expected=VIRUS_REFUSED, timeout_s=60)
def plain(_target: Target) -> Result:
    """A virus in the text of a message from outside is refused."""
    return _virus(lambda author, to: letter(author, to, VIRUS))


@check("P3.1.base64", version=1, kind="does", ttl_s=HOUR, expected=VIRUS_REFUSED, timeout_s=60)
def base64(_target: Target) -> Result:
    """An attached virus is refused."""
    return _virus(attached(EICAR, "eicar.com"))


@check("P3.1.zip", version=1, kind="does", ttl_s=HOUR, expected=VIRUS_REFUSED, timeout_s=60)
def zip_archive(_target: Target) -> Result:
    """A virus in an archive is refused."""
    return _virus(attached(zipped("eicar.com", EICAR), "file.zip"))


@check("P3.1.nested", version=1, kind="does", ttl_s=HOUR, expected=VIRUS_REFUSED, timeout_s=60)
def nested_archive(_target: Target) -> Result:
    """A virus in an archive in an archive in an archive is refused."""
    return _virus(attached(nested(EICAR, 3), "file.zip"))


@check("P3.1.message", version=1, kind="does", ttl_s=HOUR, expected=VIRUS_REFUSED, timeout_s=60)
def forwarded_message(_target: Target) -> Result:
    """A virus in a forwarded message is refused."""
    return _virus(forwarded)


@check("P3.2", version=1, kind="does", ttl_s=HOUR, expected="GTUBE is refused or lies in Junk, not in the INBOX.", timeout_s=60)
def spam(_target: Target) -> Result:
    """The test message of spam filters does not reach the inbox."""
    box, (sender, author) = canary(), stranger()
    message = letter(author, box.address, GTUBE)
    with tries.smtp() as client:
        reply = bring(client, sender, box.address, message)
    if not reply.accepted:
        return refusal(reply, "gtube", box, message)
    found = arrived(box, message["Subject"])
    if found is None:
        raise RuntimeError(f"it was taken ({reply}) and is found nowhere")
    return (passed if found.folder == "Junk" else failed)(f"It was taken and lies in {found.folder}.", weaker=tries.weaker())


@check("P3.3.own", version=1, kind="does", ttl_s=HOUR, expected="Each is refused (5xx): nothing proves it ours.", timeout_s=60)
def forged_own(_target: Target) -> Result:
    """Mail from outside in the name of a hosted domain is refused, with its envelope forged or honest."""
    box, (honest, _author) = canary(), stranger()
    seen = []
    with tries.smtp(host=STRANGER) as client:
        for sender in (honest, box.address):
            message = letter(box.address, box.address)
            seen.append(refusal(bring(client, sender, box.address, message), "not proven|dmarc", box, message))
    worst = max(seen, key=lambda one: (one.verdict is Verdict.FAIL, one.verdict is not Verdict.PASS))
    return worst if worst.verdict is not Verdict.PASS else passed(f"Both refused: {seen[0].observed}", weaker=worst.weaker)


@check("P3.3.policy", version=1, kind="does", ttl_s=HOUR, expected="It is refused (5xx) for its DMARC policy.", timeout_s=60)
def forged_policy(_target: Target) -> Result:
    """Forged mail from a domain that asks to refuse it (p=reject) is refused."""
    if not tries.place().outside:
        return not_applicable("It is tried where an outside world stands in: nobody's real domain is forged.")
    box = canary()
    message = letter(FORGED, box.address)
    with tries.smtp(host=STRANGER) as client:
        reply = bring(client, FORGED, box.address, message)
    return refusal(reply, "dmarc", box, message)


@check("P3.5", version=1, kind="does", ttl_s=HOUR, expected="It is in the INBOX within two minutes.", timeout_s=140)
def clean(_target: Target) -> Result:
    """A clean message from outside arrives in the inbox."""
    box, (sender, author) = canary(), stranger()
    message = letter(author, box.address)
    with tries.smtp() as client:
        reply = tries.transact(client, sender, box.address, message.as_bytes())
    if not reply.accepted:
        return failed(f"It was not taken: {reply}", weaker=tries.weaker())
    found = arrived(box, message["Subject"], DELIVERED_SECONDS)
    if found is None:
        return failed(f"It was taken and not delivered within {DELIVERED_SECONDS:.0f} s.", weaker=tries.weaker())
    if found.folder != "INBOX":
        return failed(f"It was delivered into {found.folder}.", weaker=tries.weaker())
    return passed(f"In the INBOX after {found.seconds:.1f} s.", weaker=tries.weaker())


@check(
    "P3.8",
    version=1,
    kind="does",
    ttl_s=HOUR,
    expected="It is refused, or lies in Junk marked as not scanned whole.",
    timeout_s=60,
)
def too_deep(_target: Target) -> Result:
    """An archive deeper than the scanner looks is not called clean."""
    box, (sender, author) = canary(), stranger()
    message = attached(deep(), "file.zip")(author, box.address)
    with tries.smtp() as client:
        reply = bring(client, sender, box.address, message)
    if not reply.accepted:
        return refusal(reply, "scan", box, message)
    found = arrived(box, message["Subject"])
    if found is None:
        raise RuntimeError(f"it was taken ({reply}) and is found nowhere")
    mark = next((line.strip() for line in found.header.splitlines() if line.lower().startswith("x-virus-scan:")), "no mark")
    good = found.folder == "Junk" and "incomplete" in mark
    return (passed if good else failed)(f"It was taken and lies in {found.folder} with {mark}.", weaker=tries.weaker())


@check("P3.9", version=1, kind="does", ttl_s=HOUR, expected="Virus and spam are refused (5xx) at submission.", timeout_s=60)
def outgoing(_target: Target) -> Result:
    """What a signed-in mailbox sends is scanned: viruses and the test message of spam filters are refused."""
    box, to = canary("b"), canary("a")
    cases = (
        ("virus", letter(box.address, to.address, VIRUS)),
        ("virus", attached(zipped("eicar.com", EICAR), "file.zip")(box.address, to.address)),
        ("gtube", letter(box.address, to.address, GTUBE)),
    )
    with tries.smtp("submissions", login=box.login) as client:
        seen = [refusal(bring(client, box.address, to.address, message), why, to, message) for why, message in cases]
    worst = next((one for verdict in (Verdict.FAIL, Verdict.UNKNOWN) for one in seen if one.verdict is verdict), None)
    return worst or passed(" ".join(one.observed for one in seen), weaker=tries.weaker())
