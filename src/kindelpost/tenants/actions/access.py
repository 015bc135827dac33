"""What every action asks first: may this actor, and is this name still free?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from kindelpost.journal.actor import Thing
from kindelpost.lib.errors import Refused
from kindelpost.tenants.models import Address, Domain

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor
    from kindelpost.tenants.models import Client

__all__ = ["address_thing", "claim_address", "need_own", "need_provider"]


def need_own(actor: Actor, client: Client) -> None:
    """A client's actor changes its own things only; a stranger's is not even there."""
    if not actor.reaches_all and actor.client_id != client.pk:
        raise Refused("not-found", "There is no such thing among yours.")


def need_provider(actor: Actor) -> None:
    """Clients and domains are the provider's to add and remove."""
    if not actor.reaches_all:
        raise Refused("not-allowed", "Only the provider can do this.", "Ask your provider.")


def claim_address(domain: Domain, local: str) -> Address:
    """The row that makes local@domain taken. Raises `Refused` (`taken`, `bad-address`)."""
    if "+" in local:
        raise Refused(
            "bad-address", f"{local}@{domain} has a + in it.", "What follows a + is a detail of the address before it."
        )
    try:
        with transaction.atomic():
            return Address.objects.create(domain=domain, text=f"{local}@{domain.name}")
    except IntegrityError as taken:
        raise Refused(
            "taken", f"{local}@{domain} already exists.", "Choose another name or remove the old one first."
        ) from taken


def address_thing(kind: str, address: Address) -> Thing:
    """An address as the subject of an entry."""
    return Thing(kind, str(address.pk), address.text)
