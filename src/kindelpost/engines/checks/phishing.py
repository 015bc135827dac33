"""P3.4: what wants to be taken for somebody else, asks for a password, or hides its link in an image lies in Junk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.checks.samples import letter
from kindelpost.engines.checks.tried import arrived, bring, stranger
from kindelpost.engines.images.probe import picture
from kindelpost.practice.registry import Result, Target, check, failed, passed

if TYPE_CHECKING:
    from email.message import EmailMessage

__all__ = ["display_name", "form", "lookalike", "qr"]

HOUR = 3600
JUNK = "It lies in Junk, or was refused."
LINK = "https://login.kindelpost.invalid/"
FORM = f'<form action="{LINK}" method="post"><input name="user"><input type="password" name="password"></form>'


def _filed(message: EmailMessage, sender: str) -> Result:
    box = canary()
    with tries.smtp() as client:
        reply = bring(client, sender, box.address, message)
    if not reply.accepted:
        verdict = passed if reply.code // 100 == 5 else failed  # noqa: PLR2004 -- RFC 5321 §4.2.1: permanent
        return verdict(f"Refused: {reply}", weaker=tries.weaker())
    found = arrived(box, message)
    if found is None:
        raise RuntimeError(f"it was taken ({reply}) and is found nowhere")
    return (passed if found.folder == "Junk" else failed)(f"It was taken and lies in {found.folder}.", weaker=tries.weaker())


@check("P3.4.name", version=1, kind="does", ttl_s=HOUR, expected=JUNK, timeout_s=60)
def display_name(_target: Target) -> Result:
    """A display name that is another's address."""
    sender, author = stranger()
    return _filed(letter(f'"{canary().named("other")}" <{author}>', canary().address), sender)


@check("P3.4.lookalike", version=1, kind="does", ttl_s=HOUR, expected=JUNK, timeout_s=60)
def lookalike(_target: Target) -> Result:
    """A sender whose domain is one letter away from the recipient's own."""
    name, _, rest = canary().domain.rpartition(".")[0].rpartition(".")[2], "", canary().domain.rpartition(".")[2]
    author = f"director@{name}e.{rest}"
    return _filed(letter(author, canary().address), stranger()[0])


@check("P3.4.form", version=1, kind="does", ttl_s=HOUR, expected=JUNK, timeout_s=60)
def form(_target: Target) -> Result:
    """A form in the message that asks for a password."""
    sender, author = stranger()
    message = letter(author, canary().address)
    message.add_alternative(f"<html><body><p>Logi sisse:</p>{FORM}</body></html>", subtype="html")
    return _filed(message, sender)


@check("P3.4.qr", version=1, kind="does", ttl_s=HOUR, expected=JUNK, timeout_s=60)
def qr(_target: Target) -> Result:
    """An image whose QR code leads elsewhere."""
    sender, author = stranger()
    message = letter(author, canary().address)
    message.add_attachment(picture(LINK), "image", "png", filename="arve.png")
    return _filed(message, sender)
