"""Clients: the provider's to add and remove; a client sees itself."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from kindelpost.accounts.actions.tokens import Area
from kindelpost.api.access import who
from kindelpost.api.once import once
from kindelpost.api.pages import Listing, Page, page
from kindelpost.api.routing import Resource
from kindelpost.api.shapes import Client, Name, NewClient, Plain
from kindelpost.tenants import models
from kindelpost.tenants.actions import create_client, remove_client
from kindelpost.tenants.queries import client_for, clients_of

__all__ = ["router"]

router = Resource(Area.CLIENTS, "clients")


class Clients(Listing):
    """Which clients."""

    search: Plain = Field("", max_length=200, description="A part of the short name or of the name.")


def _shape(client: models.Client) -> Client:
    return Client(slug=client.slug, name=client.name)


@router.get("", response=Page[Client], operation_id="listClients", summary="List the clients")
def list_clients(request: HttpRequest, listing: Query[Clients]) -> Page[Client]:
    """Of a client's token: the client itself."""
    rows = clients_of(who(request))
    if listing.search:
        rows = rows.filter(Q(slug__icontains=listing.search) | Q(name__icontains=listing.search))
    return page(rows, listing, _shape, by="slug")


@router.post("", response={201: Client}, operation_id="createClient", summary="Add a client")
@once
def create(request: HttpRequest, new: NewClient) -> Client:
    """The provider's alone."""
    return _shape(create_client(new.slug, new.name, actor=who(request)))


@router.get("/{slug}", response=Client, operation_id="getClient", summary="Show a client")
def show(request: HttpRequest, slug: Name) -> Client:
    """By its short name."""
    return _shape(client_for(who(request), slug))


@router.delete("/{slug}", response={204: None}, operation_id="removeClient", summary="Remove a client")
def remove(request: HttpRequest, slug: Name) -> None:
    """The provider's alone; a client that still has domains stays (409, `not-empty`)."""
    remove_client(client_for(who(request), slug), actor=who(request))
