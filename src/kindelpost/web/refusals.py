"""Refusals in the reader's language, by their stable code; one that is not listed is shown as the room said it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from kindelpost.lib.errors import KindelpostError

__all__ = ["said"]

WORDS = {
    "not-found": (
        gettext_noop("There is no such page among yours."),
        gettext_noop("Perhaps it was removed, or it is another's."),
    ),
    "not-allowed": (gettext_noop("You may not do this."), gettext_noop("Ask your provider.")),
    "too-many-tries": (gettext_noop("Too many tries."), gettext_noop("Wait a quarter of an hour and try again.")),
    "link-over": (
        gettext_noop("This link is used up or too old."),
        gettext_noop("A link works once and for 48 hours. Ask an administrator for a new one."),
    ),
    "needs-second-factor": (gettext_noop("A passkey or an authenticator app is needed first."), ""),
    "needs-second-person": (gettext_noop("This takes a second person."), gettext_noop("Ask another administrator.")),
    "weak-password": ("", gettext_noop("A few random words make a good one.")),  # each weakness has its own words
    "bad-address": (
        gettext_noop("This address cannot be served."),
        gettext_noop("Before the @ are letters a-z, digits and . _ - alone, at most 64 of them."),
    ),
    "bad-domain": (gettext_noop("This is no domain name."), gettext_noop("Write a full one, such as firma.ee.")),
    "domain-conflict": (
        gettext_noop("This domain is above or below one that another client has."),
        gettext_noop("Only the client that has the one may get the other."),
    ),
    "reserved": (gettext_noop("This domain belongs to the service itself."), gettext_noop("Choose a domain of the client.")),
    "taken": (gettext_noop("This name is taken."), gettext_noop("Choose another, or remove the old one first.")),
    "bad-name": (
        gettext_noop("This name cannot be used."),
        gettext_noop("It is one line of at most 200 characters; a short name has only a-z, 0-9 and hyphens."),
    ),
    "bad-login": (gettext_noop("This cannot be a login."), gettext_noop("Use an e-mail address, or a-z, 0-9, dot and hyphen.")),
    "bad-quota": (gettext_noop("This size is out of range."), gettext_noop("Choose between 0.001 and 100,000 GB.")),
    "bad-targets": (
        gettext_noop("An alias cannot lead there."),
        gettext_noop("Name 1 to 100 addresses. In your own domains they are mailboxes that exist, not other aliases."),
    ),
    "bad-owner": (gettext_noop("The owner must be a mailbox of the same client."), ""),
    "no-reason": (gettext_noop("A grant needs a reason that can be shown."), gettext_noop("Say why, in one line.")),
    "bad-expiry": (gettext_noop("A grant ends in the future, within a year."), gettext_noop("Choose another day.")),
    "not-needed": (gettext_noop("This is the mailbox's own address: it may send as that already."), ""),
    "not-empty": (gettext_noop("Something is still in it."), gettext_noop("Remove that first, or say that all of it goes.")),
    "enrolled": (
        gettext_noop("They have set up their sign-in already."),
        gettext_noop("If they cannot sign in any more, recover the account."),
    ),
    "sealed": (gettext_noop("A sealed account has no link."), gettext_noop("Remove it and seal a new one.")),
    "helper-silent": (gettext_noop("The helper that looks as root does not answer."), gettext_noop("See kindelpost status.")),
    "look-failed": (gettext_noop("The look at the engines failed."), gettext_noop("See kindelpost status.")),
}


def said(refused: KindelpostError) -> tuple[str, str]:
    """What happened, and what to do."""
    message, hint = WORDS.get(refused.code, (refused.message, refused.hint))
    return _(message or refused.message), _(hint) if hint else ""
