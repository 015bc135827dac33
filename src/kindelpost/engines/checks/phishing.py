"""P3.4: mail that fishes for passwords is brought from outside to the service's own mailbox, and where it ends is looked up."""

from __future__ import annotations

import time
import uuid
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import TYPE_CHECKING

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.images.client import SAMPLE, SAMPLE_TEXT
from kindelpost.practice.registry import Result, Target, check, failed, passed

if TYPE_CHECKING:
    import imaplib
    from collections.abc import Mapping

__all__ = ["form", "lookalike", "neighbours", "qr"]

STRANGER = Address("Teavitus", addr_spec="teavitus@outside.example")
PATIENCE = 20.0
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


def _message(sender: Address, text: str = "Palun vaata.\n", html: str = "") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, canary().address, "Teade"
    message["Date"] = formatdate()
    message.set_content(text)
    if html:
        message.add_alternative(f"<html><body>{html}</body></html>", subtype="html")
    return message


def _folders(client: imaplib.IMAP4, word: str) -> dict[str, str]:
    """Message id → folder of every message whose id has `word`; they are deleted."""
    found = {}
    for folder in ("INBOX", "Junk"):
        client.select(folder)
        for number in client.uid("SEARCH", "HEADER", "Message-ID", word)[1][0].split():
            head = client.uid("FETCH", number.decode(), "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1][0]
            found[head[1].split(b":", 1)[1].strip().decode()] = folder
            client.uid("STORE", number.decode(), "+FLAGS.SILENT", r"(\Deleted)")
        client.expunge()
    return found


def _ends(word: str, samples: Mapping[str, EmailMessage]) -> dict[str, str]:
    """Name of each sample → the folder where it was found, or the refusal. Raises where neither is to be seen."""
    ends, sent = {}, {}
    with tries.smtp() as session:
        for name, message in samples.items():
            identity = f"<{word}.{uuid.uuid4().hex}@outside.example>"
            message["Message-ID"] = identity
            reply = tries.transact(session, "", canary().address, message.as_bytes())
            if reply.code // 100 == 4:  # noqa: PLR2004 -- RFC 5321 §4.2.1
                raise RuntimeError(f"{name} is deferred: {reply}")
            if reply.accepted:
                sent[identity] = name
            else:
                ends[name] = f"refused ({reply})"
    until = time.monotonic() + PATIENCE
    with tries.imap(canary().login) as client:
        while sent:
            for identity, folder in _folders(client, word).items():
                if name := sent.pop(identity, ""):
                    ends[name] = folder
            if sent and time.monotonic() > until:
                raise TimeoutError(f"not delivered within {PATIENCE:.0f} s: {', '.join(sent.values())}")
            time.sleep(0.2)
    return ends


def _judged(word: str, samples: Mapping[str, EmailMessage]) -> Result:
    ends = _ends(word, samples)
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
    return _judged("kp-lookalike", samples)


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
    return _judged("kp-form", samples)


@check("P3.4.qr", version=1, kind="does", ttl_s=3600, expected=EXPECTED, timeout_s=45)
def qr(_target: Target) -> Result:
    """A link that hides in the QR code of an image goes to Junk."""
    message = _message(STRANGER)
    message.add_attachment(SAMPLE, maintype="image", subtype="png", filename="kood.png")
    return _judged("kp-qr", {f"an image whose code leads to {SAMPLE_TEXT}": message})
