"""In whose name it is tried: each client in turn, by one of its own addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count

from kindelpost.journal.actor import SYSTEM
from kindelpost.lib.clock import now
from kindelpost.practice.registry import Target
from kindelpost.tenants.models import Address
from kindelpost.tenants.queries import clients_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MOST", "clients", "victim_of"]

MOST = 50  # more are sampled: another fifty each day, so that all get their turn


def clients() -> Iterable[Target]:
    """The clients that have a domain; of more than fifty those whose day it is."""
    rows = list(
        clients_of(SYSTEM)
        .filter(internal=False, domains__isnull=False)
        .annotate(boxes=Count("domains__addresses__mailbox", distinct=True))
        .order_by("pk")
    )
    groups = -(-len(rows) // MOST)
    today = rows[now().toordinal() % groups :: groups] if groups else []
    return [Target("client", str(row.pk), row.slug, row.pk, row.slug, row.boxes) for row in today]


def victim_of(target: Target) -> str:
    """An address of the client: a mailbox or an alias, else its domain's postmaster."""
    held = Address.objects.filter(domain__client=int(target.id)).order_by("-mailbox", "pk").first()
    if held is not None:
        return held.text
    domain = clients_of(SYSTEM).get(pk=int(target.id)).domains.order_by("pk")[0]
    return f"postmaster@{domain}"
