"""Refusals in the reader's language, by their stable code; one that is not listed is shown as the room said it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from kindelpost.lib.errors import Refused

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
    "weak-password": (gettext_noop("This password is too weak."), gettext_noop("A few random words make a good one.")),
}


def said(refused: Refused) -> tuple[str, str]:
    """What happened, and what to do."""
    message, hint = WORDS.get(refused.code, (refused.message, refused.hint))
    return _(message) if message else "", _(hint) if hint else ""
