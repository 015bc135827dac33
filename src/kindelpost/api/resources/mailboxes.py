"""Mailboxes."""

from __future__ import annotations

from typing import TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from kindelpost.accounts.actions.tokens import Area
from kindelpost.accounts.passwords import make_password
from kindelpost.api.access import who
from kindelpost.api.once import once
from kindelpost.api.pages import Listing, Page, page
from kindelpost.api.routing import Resource
from kindelpost.api.shapes import Mailbox, MailboxMade, Name, NewMailbox, NewPassword, NewQuota, Plain, State
from kindelpost.mail.addresses import parse_address
from kindelpost.tenants import models
from kindelpost.tenants.actions import create_mailbox, remove_mailbox, set_mailbox_quota, set_password
from kindelpost.tenants.queries import domain_for, mailbox_for, mailboxes_of

__all__ = ["Addresses", "router"]

router = Resource(Area.MAILBOXES, "mailboxes")

Row = TypeVar("Row", models.Mailbox, models.Alias)


class Addresses(Listing):
    """Which addresses."""

    search: Plain = Field("", max_length=254, description="A part of the address.")
    client: Plain = Field("", max_length=63, description="Of this client.")
    domain: Plain = Field("", max_length=253, description="In this domain, in A-labels.")

    def among(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Those rows whose address is asked for."""
        if self.search:
            rows = rows.filter(address__text__contains=self.search.lower())
        if self.client:
            rows = rows.filter(address__domain__client__slug=self.client)
        if self.domain:
            rows = rows.filter(address__domain__name=self.domain.lower())
        return rows


class Mailboxes(Addresses):
    """Which mailboxes."""

    state: State | None = None


def _fields(mailbox: models.Mailbox) -> dict[str, object]:
    address = mailbox.address
    return {
        "address": address.text,
        "client": address.domain.client.slug,
        "state": mailbox.state,
        "quota_bytes": mailbox.quota_bytes,
    }


def _shape(mailbox: models.Mailbox) -> Mailbox:
    return Mailbox.model_validate(_fields(mailbox))


@router.get("", response=Page[Mailbox], operation_id="listMailboxes", summary="List the mailboxes")
def list_mailboxes(request: HttpRequest, listing: Query[Mailboxes]) -> Page[Mailbox]:
    """By address."""
    rows = listing.among(mailboxes_of(who(request)))
    if listing.state:
        rows = rows.filter(state=listing.state)
    return page(rows, listing, _shape, by="address__text")


@router.post("", response={201: MailboxMade}, operation_id="createMailbox", summary="Add a mailbox")
@once
def create(request: HttpRequest, new: NewMailbox) -> MailboxMade:
    """It is being prepared, and ready once the engines know it."""
    actor, spelled = who(request), parse_address(new.address)
    made = make_password() if new.password is None else None
    mailbox = create_mailbox(
        domain_for(actor, spelled.domain),
        spelled.local,
        password=made or new.password or "",
        quota_bytes=new.quota_bytes or settings.SERVICE.quota.default_bytes,
        actor=actor,
    )
    return MailboxMade.model_validate({**_fields(mailbox), "password": made})


@router.get("/{address}", response=Mailbox, operation_id="getMailbox", summary="Show a mailbox")
def show(request: HttpRequest, address: Name) -> Mailbox:
    """By its address."""
    return _shape(mailbox_for(who(request), address))


@router.put("/{address}/quota", response=Mailbox, operation_id="setMailboxQuota", summary="Give a mailbox another size")
def quota(request: HttpRequest, address: Name, new: NewQuota) -> Mailbox:
    """In bytes."""
    mailbox = mailbox_for(who(request), address)
    set_mailbox_quota(mailbox, new.quota_bytes, actor=who(request))
    return _shape(mailbox)


@router.put(
    "/{address}/password", response={204: None}, operation_id="setMailboxPassword", summary="Give a mailbox another password"
)
def password(request: HttpRequest, address: Name, new: NewPassword) -> None:
    """A weak one, or one known from breaches, is refused (422, `weak-password`)."""
    set_password(mailbox_for(who(request), address), new.password, actor=who(request))


@router.delete("/{address}", response={204: None}, operation_id="removeMailbox", summary="Remove a mailbox")
def remove(request: HttpRequest, address: Name) -> None:
    """With its grants and its ownership of aliases. Its mail stays on disk, for a restore."""
    remove_mailbox(mailbox_for(who(request), address), actor=who(request))
