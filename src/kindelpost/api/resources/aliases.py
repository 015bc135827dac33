"""Aliases."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query

from kindelpost.accounts.actions.tokens import Area
from kindelpost.api.access import who
from kindelpost.api.once import once
from kindelpost.api.pages import Page, page
from kindelpost.api.resources.mailboxes import Addresses
from kindelpost.api.routing import Resource
from kindelpost.api.shapes import Alias, Name, NewAlias
from kindelpost.mail.addresses import parse_address
from kindelpost.tenants import models
from kindelpost.tenants.actions import create_alias, remove_alias
from kindelpost.tenants.queries import alias_for, aliases_of, domain_for, mailbox_for

__all__ = ["router"]

router = Resource(Area.MAILBOXES, "aliases")


def _shape(alias: models.Alias) -> Alias:
    return Alias(
        address=alias.address.text,
        client=alias.address.domain.client.slug,
        targets=sorted(str(target) for target in alias.targets.all()),
        owner=str(alias.owner) if alias.owner else None,
        external=alias.external_acknowledged,
    )


@router.get("", response=Page[Alias], operation_id="listAliases", summary="List the aliases")
def list_aliases(request: HttpRequest, listing: Query[Addresses]) -> Page[Alias]:
    """By address."""
    return page(listing.among(aliases_of(who(request))), listing, _shape, by="address__text")


@router.post("", response={201: Alias}, operation_id="createAlias", summary="Add an alias")
@once
def create(request: HttpRequest, new: NewAlias) -> Alias:
    """One that leads out of the client answers 409, `needs-acknowledgement`, with the risk; `acknowledged` accepts it."""
    actor, spelled = who(request), parse_address(new.address)
    alias = create_alias(
        domain_for(actor, spelled.domain),
        spelled.local,
        new.targets,
        actor=actor,
        owner=mailbox_for(actor, new.owner) if new.owner else None,
        external_acknowledged=new.acknowledged,
    )
    return _shape(alias)


@router.get("/{address}", response=Alias, operation_id="getAlias", summary="Show an alias")
def show(request: HttpRequest, address: Name) -> Alias:
    """By its address."""
    return _shape(alias_for(who(request), address))


@router.delete("/{address}", response={204: None}, operation_id="removeAlias", summary="Remove an alias")
def remove(request: HttpRequest, address: Name) -> None:
    """And every grant to send as it."""
    remove_alias(alias_for(who(request), address), actor=who(request))
