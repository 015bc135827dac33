"""Send-as grants: who may send in another address's name, why, and until when."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from kindelpost.accounts.actions.tokens import Area
from kindelpost.api.access import who
from kindelpost.api.once import once
from kindelpost.api.pages import Listing, Page, page
from kindelpost.api.routing import Resource
from kindelpost.api.shapes import Grant, Name, NewGrant, Plain
from kindelpost.tenants import models
from kindelpost.tenants.actions import grant_send_as, revoke_send_as
from kindelpost.tenants.queries import grant_for, grants_of, mailbox_for

__all__ = ["router"]

router = Resource(Area.MAILBOXES, "send-as grants")


class Grants(Listing):
    """Which grants."""

    client: Plain = Field("", max_length=63, description="Of this client.")
    mailbox: Plain = Field("", max_length=254, description="Of this mailbox.")
    address: Plain = Field("", max_length=254, description="To send as this address.")


def _shape(grant: models.SendAsGrant) -> Grant:
    return Grant(
        mailbox=str(grant.mailbox),
        address=str(grant.address),
        client=grant.mailbox.address.domain.client.slug,
        reason=grant.reason,
        expires_at=grant.expires_at,
        granted_by=grant.granted_by,
        granted_at=grant.granted_at,
    )


@router.get("", response=Page[Grant], operation_id="listGrants", summary="List the grants")
def list_grants(request: HttpRequest, listing: Query[Grants]) -> Page[Grant]:
    """In the order in which they were first given."""
    rows = grants_of(who(request))
    if listing.client:
        rows = rows.filter(mailbox__address__domain__client__slug=listing.client)
    if listing.mailbox:
        rows = rows.filter(mailbox__address__text=listing.mailbox.lower())
    if listing.address:
        rows = rows.filter(address__text=listing.address.lower())
    return page(rows, listing, _shape, by="pk")


@router.post("", response={201: Grant}, operation_id="grantSendAs", summary="Let a mailbox send as another address")
@once
def create(request: HttpRequest, new: NewGrant) -> Grant:
    """Inside one client, for a reason, for a year at most."""
    actor = who(request)
    box = mailbox_for(actor, new.mailbox)
    return _shape(grant_send_as(box, new.address, reason=new.reason, expires_at=new.expires_at, actor=actor))


@router.get("/{mailbox}/{address}", response=Grant, operation_id="getGrant", summary="Show a grant")
def show(request: HttpRequest, mailbox: Name, address: Name) -> Grant:
    """By who sends and in whose name."""
    return _shape(grant_for(who(request), mailbox, address))


@router.delete("/{mailbox}/{address}", response={204: None}, operation_id="revokeSendAs", summary="Take a grant back")
def remove(request: HttpRequest, mailbox: Name, address: Name) -> None:
    """Before its end."""
    revoke_send_as(grant_for(who(request), mailbox, address), actor=who(request))
