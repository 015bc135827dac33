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
    PERSON_ADDED = "person.added"
    PERSON_REMOVED = "person.removed"
    PERSON_LINK_ISSUED = "person.enrolment-link-issued"
    PERSON_LINK_USED = "person.enrolment-link-used"
    PERSON_ENROLLED = "person.enrolled"
    PERSON_RECOVERED = "person.recovered"
    PERSON_SIGNED_IN = "person.signed-in"
    PERSON_PASSKEY_ADDED = "person.passkey-added"
    PERSON_PASSKEY_REMOVED = "person.passkey-removed"
    PERSON_TOTP_ADDED = "person.totp-added"
    PERSON_TOTP_REMOVED = "person.totp-removed"
    PERSON_CODES_MADE = "person.recovery-codes-made"
    PERSON_PASSWORD_SET = "person.password-set"  # noqa: S105 -- the name of an event
    PERSON_SESSIONS_ENDED = "person.sessions-ended"
    SIGN_IN_LIMITED = "account.sign-in-limited"
    BREAK_GLASS_SEALED = "account.break-glass-sealed"
    BREAK_GLASS_USED = "account.break-glass-used"
    TOKEN_ADDED = "token.added"  # noqa: S105 -- the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 -- the name of an event
