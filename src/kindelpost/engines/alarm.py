"""The security address is told by mail: a mandatory check began to fail (M1, M2), the sealed account was used (M4.5)."""

from __future__ import annotations

import email.message
import email.policy
import email.utils
import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from kindelpost.engines import canary, tries
from kindelpost.journal.events import Event
from kindelpost.journal.models import Entry
from kindelpost.journal.registry import reacts_to
from kindelpost.lib.errors import EngineFault
from kindelpost.practice.registry import get_check

if TYPE_CHECKING:
    from kindelpost.engines.tries import Reply

__all__ = ["tell_break_glass", "tell_security", "text"]

QUIET = timedelta(minutes=10)  # one mail a check in this time, however many targets it fails on
SECONDS = 8.0  # the worker waits for nothing else meanwhile


@reacts_to(Event.CHECK_FAILED)
def tell_security(entry: Entry) -> None:
    """Mail what fails to the security address. Raises `EngineFault` (`not-told`), so that it is tried again."""
    same = Entry.objects.filter(name=Event.CHECK_FAILED, subject_id=entry.subject_id, id__lt=entry.id)
    if not entry.data.get("mandatory") or same.filter(at__gt=entry.at - QUIET, data__mandatory=True).exists():
        return
    _tell(entry, f"Kindelpost: {entry.subject_id} puudus / fails ({entry.data['target']})", text(entry))


@reacts_to(Event.BREAK_GLASS_USED)
def tell_break_glass(entry: Entry) -> None:
    """Mail who used the sealed account, at once. Raises `EngineFault` (`not-told`), so that it is tried again."""
    said = (
        f"Pitseeritud hädaolukorra kontoga logiti sisse.\nThe sealed break-glass account was used to sign in.\n\n"
        f"Konto / account:  {entry.subject_label}\n"
        f"Kust / from:      {entry.data['address']}\n"
        f"Aeg / time:       {entry.at:%Y-%m-%d %H:%M:%S} UTC\n"
    )
    _tell(entry, "Kindelpost: hädaolukorra kontot kasutati / break-glass account used", said)


def _tell(entry: Entry, subject: str, said: str) -> None:
    sender, to = canary.canary("a"), str(settings.SERVICE.provider.security_contact)
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = f"Kindelpost <{sender.address}>", to
    message["Subject"] = subject
    message["Date"] = email.utils.format_datetime(entry.at)
    message["Message-ID"] = f"<{entry.name.replace('.', '-')}-{entry.id}@{sender.domain}>"  # told twice it is one message
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
    message.set_content(said)
    reply = _submit(sender, to, message.as_bytes())
    if not reply.accepted:
        raise EngineFault("not-told", f"The security address could not be told of {entry}: {reply}")


def text(entry: Entry) -> str:
    """What the security officer reads, Estonian first."""
    check, said = get_check(entry.subject_id), entry.data
    et, en = (check.control.et, check.control.en) if check else ("", "")
    return (
        f"Kontroll {entry.subject_id} leidis puuduse.\n{et}\n\n"
        f"The check {entry.subject_id} fails.\n{en}\n\n"
        f"Kus / where:            {said['target']}\n"
        f"Peab olema / expected:  {said['expected']}\n"
        f"Nähti / seen:           {said['observed']}\n"
        f"Aeg / time:             {entry.at:%Y-%m-%d %H:%M:%S} UTC\n\n"
        f"Proovi uuesti / try again: kindelpost check {entry.subject_id}\n"
    )


def _submit(sender: canary.Canary, to: str, raw: bytes) -> Reply:
    try:
        with tries.smtp("submissions", login=sender.login, host=None, timeout=SECONDS) as client:
            return tries.transact(client, sender.address, to, raw)
    except (OSError, smtplib.SMTPException) as fault:
        raise EngineFault("not-told", f"The security address could not be told: {fault}") from fault
