"""The only way to read the journal: the provider everything, a client what was done in its things, by whomever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kindelpost.journal.models import Entry
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kindelpost.journal.actor import Actor

__all__ = ["data_for", "entries_of", "entry_for"]

# What an entry says to a client. `touched`, which may name another client's aliases, and paths on disk are the service's own.
TOLD = frozenset({
    "quota_bytes", "before", "targets", "leaving", "owner", "mailbox", "reason", "expires_at", "selectors", "name",
    "scopes", "networks", "days",
})  # fmt: skip


def entries_of(actor: Actor) -> QuerySet[Entry]:
    """Every entry that `actor` may read, newest first. A mailbox's user is shown none of the client's."""
    rows = Entry.objects.order_by("-id")
    if actor.reaches_all:
        return rows
    return rows.filter(client_id=actor.client_id) if actor.kind == "client" and actor.client_id else rows.none()


def entry_for(actor: Actor, number: int) -> Entry:
    """The entry with this number. Raises `Refused` (`not-found`)."""
    found = entries_of(actor).filter(pk=number).first()
    if found is None:
        raise Refused("not-found", f"There is no entry {number}.")
    return found


def data_for(actor: Actor, entry: Entry) -> dict[str, Any]:
    """What the entry says besides, as far as `actor` may read it."""
    return {key: value for key, value in entry.data.items() if actor.reaches_all or key in TOLD}
