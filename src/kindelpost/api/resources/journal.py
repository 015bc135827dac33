"""The journal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from kindelpost.accounts.actions.tokens import Area
from kindelpost.api.access import who
from kindelpost.api.pages import Listing, Page, page
from kindelpost.api.routing import Resource
from kindelpost.api.shapes import Entry, Moment, Number, Party, Plain
from kindelpost.journal import models
from kindelpost.journal.queries import data_for, entries_of, entry_for
from kindelpost.tenants.queries import client_for

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor

__all__ = ["router"]

router = Resource(Area.JOURNAL, "journal")


class Entries(Listing):
    """Which entries."""

    search: Plain = Field("", max_length=320, description="A part of what was acted on.")
    event: Plain = Field("", max_length=64, description="Such as mailbox.created.")
    client: Plain = Field("", max_length=63, description="Of this client's things.")
    since: Moment | None = None
    until: Moment | None = None


def _shape(entry: models.Entry, actor: Actor) -> Entry:
    return Entry(
        id=entry.pk,
        at=entry.at,
        event=entry.name,
        actor=Party(kind=entry.actor_kind, label=entry.actor_label),
        subject=Party(kind=entry.subject_kind, label=entry.subject_label),
        data=data_for(actor, entry),
    )


@router.get("", response=Page[Entry], operation_id="listEntries", summary="List who did what")
def list_entries(request: HttpRequest, listing: Query[Entries]) -> Page[Entry]:
    """Newest first. Of a client's token: what happened to the client's own things, whoever did it."""
    actor = who(request)
    rows = entries_of(actor)
    if listing.search:
        rows = rows.filter(subject_label__icontains=listing.search)
    if listing.event:
        rows = rows.filter(name=listing.event)
    if listing.client:
        rows = rows.filter(client_id=client_for(actor, listing.client).pk)
    moments: dict[str, datetime | None] = {"at__gte": listing.since, "at__lt": listing.until}
    rows = rows.filter(**{name: moment for name, moment in moments.items() if moment})
    return page(rows, listing, lambda entry: _shape(entry, actor), by="pk", newest_first=True)


@router.get("/{number}", response=Entry, operation_id="getEntry", summary="Show an entry")
def show(request: HttpRequest, number: Number) -> Entry:
    """By its number."""
    return _shape(entry_for(who(request), number), who(request))
