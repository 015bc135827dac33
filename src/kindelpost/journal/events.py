"""Every event that a journal entry can name."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Event"]


class Event(StrEnum):
    """What happened: the thing, a dot, what became of it."""

    CLIENT_CREATED = "client.created"
    CLIENT_REMOVED = "client.removed"
    DOMAIN_CREATED = "domain.created"
    DOMAIN_READY = "domain.ready"
    DOMAIN_REMOVED = "domain.removed"
    MAILBOX_CREATED = "mailbox.created"
    MAILBOX_READY = "mailbox.ready"
    MAILBOX_QUOTA_SET = "mailbox.quota-set"
    MAILBOX_PASSWORD_SET = "mailbox.password-set"  # noqa: S105 -- the name of an event
    MAILBOX_REMOVED = "mailbox.removed"
    ALIAS_CREATED = "alias.created"
    ALIAS_REMOVED = "alias.removed"
    SEND_AS_GRANTED = "send-as.granted"
    SEND_AS_REVOKED = "send-as.revoked"
    SEND_AS_EXPIRED = "send-as.expired"
    DKIM_KEYS_MADE = "dkim.keys-made"
    CHECK_FAILED = "check.failed"
    CHECK_RECOVERED = "check.recovered"
    EXCEPTION_ACCEPTED = "exception.accepted"
    EXCEPTION_ENDED = "exception.ended"
