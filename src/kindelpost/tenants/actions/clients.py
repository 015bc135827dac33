"""Clients come and go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from kindelpost.journal.actions import record
from kindelpost.journal.actor import Thing
from kindelpost.journal.events import Event
from kindelpost.lib.errors import Refused
from kindelpost.tenants.actions.access import need_provider
from kindelpost.tenants.models import Client

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor

__all__ = ["create_client", "remove_client"]

SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NAME_LIMIT = 200


@transaction.atomic
def create_client(slug: str, name: str, *, actor: Actor, internal: bool = False) -> Client:
    """A new client; `internal` for one of the service's own. Raises `Refused` (`bad-name`, `taken`)."""
    need_provider(actor)
    slug, name = slug.strip().lower(), name.strip()
    if not SLUG.fullmatch(slug):
        raise Refused("bad-name", f"{slug!r} cannot be a client's short name.", "Use a-z, 0-9 and -, at most 63.")
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise Refused("bad-name", "A client needs a name that can be shown.", f"At most {NAME_LIMIT} characters in one line.")
    try:
        with transaction.atomic():
            client = Client.objects.create(slug=slug, name=name, internal=internal)
    except IntegrityError as taken:
        raise Refused("taken", f"There is already a client {slug}.", "Choose another short name.") from taken
    record(Event.CLIENT_CREATED, Thing("client", str(client.pk), slug), actor=actor, client_id=client.pk, name=name)
    return client


@transaction.atomic
def remove_client(client: Client, *, actor: Actor) -> None:
    """Remove a client that has no domain left. Raises `Refused` (`not-empty`)."""
    need_provider(actor)
    if client.domains.exists():
        raise Refused("not-empty", f"The client {client} still has domains.", "Remove its domains first.")
    subject, client_id = Thing("client", str(client.pk), client.slug), client.pk
    client.delete()
    record(Event.CLIENT_REMOVED, subject, actor=actor, client_id=client_id, name=client.name)
