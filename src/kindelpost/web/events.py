"""The journal in plain words: what each event is called, and which of its details a reader is shown."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from kindelpost.journal.events import Event
from kindelpost.web.lists import Column, Table

if TYPE_CHECKING:
    from kindelpost.journal.models import Entry

__all__ = ["JOURNAL", "WORDS", "actor_words", "details", "event_words"]

WORDS = {
    Event.CLIENT_CREATED: gettext_noop("client added"),
    Event.CLIENT_REMOVED: gettext_noop("client removed"),
    Event.DOMAIN_CREATED: gettext_noop("domain added"),
    Event.DOMAIN_READY: gettext_noop("domain is ready"),
    Event.DOMAIN_REMOVED: gettext_noop("domain removed"),
    Event.MAILBOX_CREATED: gettext_noop("mailbox created"),
    Event.MAILBOX_READY: gettext_noop("mailbox is ready"),
    Event.MAILBOX_QUOTA_SET: gettext_noop("quota changed"),
    Event.MAILBOX_PASSWORD_SET: gettext_noop("mailbox password changed"),
    Event.MAILBOX_REMOVED: gettext_noop("mailbox removed"),
    Event.ALIAS_CREATED: gettext_noop("alias created"),
    Event.ALIAS_REMOVED: gettext_noop("alias removed"),
    Event.SEND_AS_GRANTED: gettext_noop("send-as grant given"),
    Event.SEND_AS_REVOKED: gettext_noop("send-as grant taken back"),
    Event.SEND_AS_EXPIRED: gettext_noop("send-as grant ended"),
    Event.DKIM_KEYS_MADE: gettext_noop("signing keys made"),
    Event.CHECK_FAILED: gettext_noop("check began to fail"),
    Event.CHECK_RECOVERED: gettext_noop("check holds again"),
    Event.EXCEPTION_ACCEPTED: gettext_noop("exception accepted"),
    Event.EXCEPTION_ENDED: gettext_noop("exception ended"),
    Event.PERSON_ADDED: gettext_noop("person added"),
    Event.PERSON_REMOVED: gettext_noop("person removed"),
    Event.PERSON_LINK_ISSUED: gettext_noop("enrolment link given"),
    Event.PERSON_LINK_USED: gettext_noop("enrolment link used"),
    Event.PERSON_ENROLLED: gettext_noop("sign-in set up"),
    Event.PERSON_RECOVERED: gettext_noop("sign-in taken away, new link given"),
    Event.PERSON_SIGNED_IN: gettext_noop("signed in"),
    Event.PERSON_PASSKEY_ADDED: gettext_noop("passkey added"),
    Event.PERSON_PASSKEY_REMOVED: gettext_noop("passkey removed"),
    Event.PERSON_TOTP_ADDED: gettext_noop("authenticator app added"),
    Event.PERSON_TOTP_REMOVED: gettext_noop("authenticator app removed"),
    Event.PERSON_CODES_MADE: gettext_noop("recovery codes made"),
    Event.PERSON_PASSWORD_SET: gettext_noop("portal password changed"),
    Event.PERSON_SESSIONS_ENDED: gettext_noop("sessions ended"),
    Event.SIGN_IN_LIMITED: gettext_noop("too many tries to sign in"),
    Event.BREAK_GLASS_SEALED: gettext_noop("break-glass account sealed"),
    Event.BREAK_GLASS_USED: gettext_noop("break-glass account used"),
    Event.TOKEN_ADDED: gettext_noop("machine token made"),
    Event.TOKEN_REVOKED: gettext_noop("machine token revoked"),
}
KINDS = {
    "provider": gettext_noop("provider"),
    "client": gettext_noop("client"),
    "mailbox": gettext_noop("mailbox user"),
    "system": gettext_noop("the service itself"),
}
# What a reader is told of an entry; the rest (folders, what else was published) is the machine's.
SHOWN = {
    "name": gettext_noop("name"),
    "reason": gettext_noop("reason"),
    "mailbox": gettext_noop("mailbox"),
    "owner": gettext_noop("owner"),
    "targets": gettext_noop("leads to"),
    "leaving": gettext_noop("outside the client"),
    "expires_at": gettext_noop("until"),
    "observed": gettext_noop("seen"),
}


def event_words(name: str) -> str:
    """What the event is called; its own name where this page does not know it."""
    try:
        return _(WORDS[Event(name)])
    except (ValueError, KeyError):
        return name


def actor_words(kind: str) -> str:
    """Whose side the actor is on."""
    return _(KINDS[kind]) if kind in KINDS else kind


def details(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and values of what is worth telling."""
    told = []
    for key, label in SHOWN.items():
        value = data.get(key)
        if value:
            told.append((_(label), _said(key, value)))
    return told


def _said(key: str, value: object) -> str:
    if key == "expires_at":
        with suppress(ValueError):
            return formats.date_format(timezone.localtime(datetime.fromisoformat(str(value))), "DATETIME_FORMAT")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _details(entry: Entry) -> str:
    return "; ".join(f"{name}: {value}" for name, value in details(entry.data))


JOURNAL = Table(
    "journal",
    (
        Column("at", gettext_lazy("When"), lambda entry: entry.at, "at"),
        Column("who", gettext_lazy("Who"), lambda entry: f"{entry.actor_label} ({entry.actor_kind})", "actor_label"),
        Column("what", gettext_lazy("What"), lambda entry: entry.name, "name"),
        Column("whose", gettext_lazy("To what"), lambda entry: entry.subject_label, "subject_label"),
        Column("details", gettext_lazy("Details"), _details),
    ),
    ("actor_label", "subject_label", "name"),
    {"by": "actor_kind"},
)
