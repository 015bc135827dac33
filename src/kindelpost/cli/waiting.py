"""Waiting for the worker to bring what was changed to the engines."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kindelpost.tenants.models import Domain, Mailbox

__all__ = ["last_entry", "until_answered", "until_ready"]

PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.05


def until_ready(thing: Domain | Mailbox) -> bool:
    """Whether `thing` became ready within five seconds; its state is read anew."""
    from kindelpost.tenants.models import State

    end = monotonic() + PATIENCE_SECONDS
    while thing.state != State.READY and monotonic() < end:
        sleep(PAUSE_SECONDS)
        thing.refresh_from_db(fields=["state"])
    return thing.state == State.READY


def last_entry() -> int:
    """The number of the journal's newest entry; 0 in an empty one."""
    from kindelpost.journal.models import Entry

    return Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def until_answered(since: int) -> bool:
    """Whether every entry after number `since` was answered, hence every map is up to date, within five seconds."""
    from kindelpost.journal.models import Entry

    waiting = Entry.objects.filter(id__gt=since, pending=True)
    end = monotonic() + PATIENCE_SECONDS
    while still := waiting.exists():
        if monotonic() > end:
            break
        sleep(PAUSE_SECONDS)
    return not still
