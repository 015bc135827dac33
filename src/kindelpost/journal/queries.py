"""The only way to read the journal: the provider everything, a client what was done in its things, by whomever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.journal.models import Entry

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kindelpost.journal.actor import Actor

__all__ = ["entries_of"]


def entries_of(actor: Actor) -> QuerySet[Entry]:
    """Every entry that `actor` may read, newest first. A mailbox's user is shown none of the client's."""
    rows = Entry.objects.order_by("-id")
    if actor.reaches_all:
        return rows
    return rows.filter(client_id=actor.client_id) if actor.kind == "client" and actor.client_id else rows.none()
