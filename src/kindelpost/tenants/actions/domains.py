"""Domains come, become ready, and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from kindelpost.journal.actions import record
from kindelpost.journal.actor import SYSTEM, Thing
from kindelpost.journal.events import Event
from kindelpost.lib.errors import Refused
from kindelpost.mail.addresses import parse_domain
from kindelpost.tenants.actions.access import need_provider
from kindelpost.tenants.models import Address, AliasTarget, Client, Domain, Mailbox, State

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor

__all__ = ["create_domain", "mark_domain_ready", "remove_domain"]


def _thing(domain: Domain) -> Thing:
    return Thing("domain", str(domain.pk), domain.name)


def _leading_to(domain: Domain) -> list[str]:
    """The aliases, of any client, with a target in this domain: what they lead to changes with it."""
    aliases = AliasTarget.objects.filter(text__endswith=f"@{domain.name}")
    return list(aliases.order_by("alias__address__text").values_list("alias__address__text", flat=True).distinct())


def _refuse_grab(name: str, client: Client) -> None:
    """A domain above or below another client's is refused (T39), and so is the service's own host name but to itself."""
    hostname = settings.SERVICE.hostname
    if client.internal:
        return
    if name == hostname or name.endswith(f".{hostname}"):
        raise Refused("reserved", f"{name} belongs to the service itself.", "Choose a domain of the client.")
    labels = name.split(".")
    above = [".".join(labels[start:]) for start in range(1, len(labels))]
    others = (
        Domain.objects
        .exclude(client=client)
        .exclude(client__internal=True)
        .filter(Q(name__in=above) | Q(name__endswith=f".{name}"))
    )
    if others.exists():
        raise Refused(
            "domain-conflict",
            f"{name} is above or below a domain that another client has.",
            "Only the client that has the one may add the other.",
        )


@transaction.atomic
def create_domain(client: Client, name: str, *, actor: Actor) -> Domain:
    """A new domain of `client`, being prepared. Raises `Refused` (`bad-domain`, `taken`, `domain-conflict`, `reserved`)."""
    need_provider(actor)
    name = parse_domain(name)
    list(Client.objects.select_for_update().order_by("pk"))  # one at a time, so that two grabs cannot pass each other
    _refuse_grab(name, client)
    try:
        with transaction.atomic():
            domain = Domain.objects.create(client=client, name=name)
    except IntegrityError as taken:
        raise Refused("taken", f"The domain {name} is already here.", "See `kindelpost domain list`.") from taken
    record(Event.DOMAIN_CREATED, _thing(domain), actor=actor, client_id=client.pk, touched=_leading_to(domain))
    return domain


@transaction.atomic
def mark_domain_ready(domain: Domain) -> None:
    """The engines were seen to know it; a second call changes nothing."""
    if Domain.objects.filter(pk=domain.pk, state=State.PREPARING).update(state=State.READY):
        record(Event.DOMAIN_READY, _thing(domain), actor=SYSTEM, client_id=domain.client_id)


@transaction.atomic
def remove_domain(domain: Domain, *, actor: Actor, with_contents: bool = False) -> None:
    """Remove a domain; with addresses in it only when `with_contents` says so. Mail stays on disk.

    Raises `Refused` (`not-empty`).
    """
    need_provider(actor)
    count = domain.addresses.count()
    if count and not with_contents:
        raise Refused(
            "not-empty", f"{domain} still has {count} addresses.", "Remove them first, or say --with-contents to remove all."
        )
    boxes = Mailbox.objects.filter(address__domain=domain)
    homes = dict(boxes.values_list("address__text", "home"))
    granted = list(Address.objects.filter(grants__mailbox__in=boxes).values_list("text", flat=True))
    owned = list(Address.objects.filter(alias__owner__in=boxes).values_list("text", flat=True))
    own = list(domain.addresses.values_list("text", flat=True))
    touched = sorted({*own, *granted, *owned, *_leading_to(domain)})
    subject, client_id = _thing(domain), domain.client_id
    domain.addresses.all().delete()
    domain.delete()
    record(Event.DOMAIN_REMOVED, subject, actor=actor, client_id=client_id, homes=homes, touched=touched)
