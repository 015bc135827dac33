"""The only way to reach a client's thing. A stranger gets `not-found`, as if it did not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from kindelpost.lib.errors import Refused
from kindelpost.mail.addresses import parse_address, parse_domain
from kindelpost.tenants.models import Alias, Client, Domain, Mailbox, SendAsGrant

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor

__all__ = [
    "alias_for",
    "aliases_of",
    "client_for",
    "clients_of",
    "counted_clients",
    "domain_for",
    "domains_of",
    "grant_for",
    "grants_of",
    "mailbox_for",
    "mailboxes_of",
]

Row = TypeVar("Row", bound=Model)


def _own(rows: QuerySet[Row], path: str, actor: Actor) -> QuerySet[Row]:
    """What `actor` may know of: a client's actor its own alone, and nothing where it names no client.

    The service's own clients are the system's alone: they are no customers.
    """
    if actor.kind == "system":
        return rows
    rows = rows.exclude(**{"internal" if path == "pk" else f"{path}__internal": True})
    return rows if actor.reaches_all else rows.filter(**{path: actor.client_id or 0})


def _one(rows: QuerySet[Row], what: str, name: str) -> Row:
    found = rows.first()
    if found is None:
        raise Refused("not-found", f"There is no {what} {name}.", f"See `kindelpost {what} list`.")
    return found


def clients_of(actor: Actor) -> QuerySet[Client]:
    """The clients that `actor` may know of, by short name."""
    return _own(Client.objects.order_by("slug"), "pk", actor)


def counted_clients(actor: Actor) -> QuerySet[Client]:
    """The same, each with its `domain_count` and `mailbox_count`."""
    domains = Domain.objects.filter(client=OuterRef("pk")).order_by().values("client").annotate(n=Count("pk")).values("n")
    own = Mailbox.objects.filter(address__domain__client=OuterRef("pk")).order_by()
    boxes = own.values("address__domain__client").annotate(n=Count("pk")).values("n")
    return clients_of(actor).annotate(domain_count=Coalesce(Subquery(domains), 0), mailbox_count=Coalesce(Subquery(boxes), 0))


def domains_of(actor: Actor) -> QuerySet[Domain]:
    """The domains that `actor` may know of, by name."""
    return _own(Domain.objects.select_related("client").order_by("name"), "client", actor)


def mailboxes_of(actor: Actor) -> QuerySet[Mailbox]:
    """The mailboxes that `actor` may know of, by address."""
    rows = Mailbox.objects.select_related("address__domain__client").order_by("address__text")
    return _own(rows, "address__domain__client", actor)


def aliases_of(actor: Actor) -> QuerySet[Alias]:
    """The aliases that `actor` may know of, by address."""
    rows = Alias.objects.select_related("address__domain__client", "owner__address").prefetch_related("targets")
    return _own(rows.order_by("address__text"), "address__domain__client", actor)


def grants_of(actor: Actor) -> QuerySet[SendAsGrant]:
    """The send-as grants that `actor` may know of, expired ones too until the timer has removed them."""
    rows = SendAsGrant.objects.select_related("mailbox__address__domain__client", "address")
    return _own(rows.order_by("mailbox__address__text", "address__text"), "mailbox__address__domain__client", actor)


def client_for(actor: Actor, slug: str) -> Client:
    """The client called `slug`. Raises `Refused` (`not-found`)."""
    return _one(clients_of(actor).filter(slug=slug.strip().lower()), "client", slug)


def domain_for(actor: Actor, name: str) -> Domain:
    """The domain called `name`. Raises `Refused` (`not-found`, `bad-domain`)."""
    return _one(domains_of(actor).filter(name=parse_domain(name)), "domain", name)


def mailbox_for(actor: Actor, address: str) -> Mailbox:
    """The mailbox at `address`. Raises `Refused` (`not-found`, `bad-address`)."""
    return _one(mailboxes_of(actor).filter(address__text=str(parse_address(address))), "mailbox", address)


def alias_for(actor: Actor, address: str) -> Alias:
    """The alias at `address`. Raises `Refused` (`not-found`, `bad-address`)."""
    return _one(aliases_of(actor).filter(address__text=str(parse_address(address))), "alias", address)


def grant_for(actor: Actor, mailbox: str, address: str) -> SendAsGrant:
    """The right of `mailbox` to send as `address`. Raises `Refused` (`not-found`, `bad-address`)."""
    rows = grants_of(actor).filter(
        mailbox__address__text=str(parse_address(mailbox)), address__text=str(parse_address(address))
    )
    return _one(rows, "send-as", f"grant of {mailbox} for {address}")
