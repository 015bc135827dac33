"""P3.4: mail that fishes for passwords is brought from outside to the service's own mailbox, and where it ends is looked up."""

from __future__ import annotations

from email.headerregistry import Address
from typing import TYPE_CHECKING

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.checks.samples import letter
from kindelpost.engines.checks.tried import arrived
from kindelpost.engines.images.client import SAMPLE, SAMPLE_TEXT
from kindelpost.practice.registry import Result, Target, check, failed, passed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import EmailMessage

__all__ = ["form", "lookalike", "neighbours", "qr"]

STRANGER = Address("Teavitus", addr_spec="teavitus@outside.example")
TYPO = 6  # letters from which on a typo is told from another honest name (engines/rspamd/lua/lookalike.lua)
EXPECTED = "The message is filed as Junk (or refused), and is not in the inbox."


def neighbours(domain: str) -> dict[str, str]:
    """What is wrong with it → a domain that passes for `domain`."""
    found = {"the domain inside another": f"{domain}.portal.example"}
    labels = domain.split(".")
    if len(labels[-2]) >= TYPO:
        labels[-2] += labels[-2][-1]
        found["a typo of the domain"] = ".".join(labels)
    return found


def _message(sender: Address, html: str = "") -> EmailMessage:
    message = letter(sender, canary().address, "Palun vaata.\n")
    if html:
        message.add_alternative(f"<html><body>{html}</body></html>", subtype="html")
    return message


def _ends(samples: Mapping[str, EmailMessage]) -> dict[str, str]:
    """Name of each sample → the folder where it was found, or the refusal. Raises where neither is to be seen."""
    with tries.smtp() as session:
        said = {name: tries.transact(session, "", canary().address, one.as_bytes()) for name, one in samples.items()}
    return {name: _end(reply, samples[name]) for name, reply in said.items()}


def _end(reply: tries.Reply, message: EmailMessage) -> str:
    if reply.refused:
        return f"refused ({reply})"
    found = arrived(canary(), message["Subject"]) if reply.accepted else None
    if found is None:
        raise RuntimeError(f"it is neither refused nor found: {reply}")
    return found.folder


def _judged(samples: Mapping[str, EmailMessage]) -> Result:
    ends = _ends(samples)
    observed = "; ".join(f"{name}: {end}" for name, end in ends.items()) + "."
    told = failed if "INBOX" in ends.values() else passed
    return told(observed, weaker=tries.weaker())


@check("P3.4.lookalike", version=1, kind="does", ttl_s=3600, expected=EXPECTED, timeout_s=45)
def lookalike(_target: Target) -> Result:
    """A sender that passes for a client's domain goes to Junk."""
    domain = canary().domain
    shown = Address(f"Kasutajatugi <tugi@{domain}>", addr_spec=STRANGER.addr_spec)
    samples = {"a client's address as display name": _message(shown)}
    for name, neighbour in neighbours(domain).items():
        samples[name] = _message(Address("Kasutajatugi", "tugi", neighbour))
    return _judged(samples)


@check("P3.4.form", version=1, kind="does", ttl_s=3600, expected=EXPECTED, timeout_s=45)
def form(_target: Target) -> Result:
    """A message that asks for a password goes to Junk."""
    field = '<form action="/"><p>Parool: <input type="password" name="p"></p></form>'
    attached = _message(STRANGER)
    attached.add_attachment(f"<html><body>{field}</body></html>", subtype="html", filename="arve.html")
    link = f'<p>Palun vaata: <a href="https://portal.example.com/">https://{canary().domain}/</a></p>'
    samples = {
        "a form in the text": _message(STRANGER, html=field),
        "a form in an attached page": attached,
        "a link that shows a client's domain and leads elsewhere": _message(STRANGER, html=link),
    }
    return _judged(samples)


@check("P3.4.qr", version=1, kind="does", ttl_s=3600, expected=EXPECTED, timeout_s=45)
def qr(_target: Target) -> Result:
    """A link that hides in the QR code of an image goes to Junk."""
    message = _message(STRANGER)
    message.add_attachment(SAMPLE, maintype="image", subtype="png", filename="kood.png")
    return _judged({f"an image whose code leads to {SAMPLE_TEXT}": message})
