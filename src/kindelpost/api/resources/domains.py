"""Domains and the DNS records that their clients publish."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from kindelpost.accounts.actions.tokens import Area
from kindelpost.api.access import who
from kindelpost.api.once import once
from kindelpost.api.pages import Listing, Page, page
from kindelpost.api.routing import Resource
from kindelpost.api.shapes import DnsRecord, Domain, Name, NewDomain, Plain, Said, State
from kindelpost.sending.queries import dns_records
from kindelpost.tenants import models
from kindelpost.tenants.actions import create_domain, remove_domain
from kindelpost.tenants.queries import client_for, domain_for, domains_of

__all__ = ["router"]

router = Resource(Area.DOMAINS, "domains")


class Domains(Listing):
    """Which domains."""

    search: Plain = Field("", max_length=253, description="A part of the name.")
    client: Plain = Field("", max_length=63, description="Of this client.")
    state: State | None = None


def _shape(domain: models.Domain) -> Domain:
    return Domain.model_validate({"name": domain.name, "client": domain.client.slug, "state": domain.state})


@router.get("", response=Page[Domain], operation_id="listDomains", summary="List the domains")
def list_domains(request: HttpRequest, listing: Query[Domains]) -> Page[Domain]:
    """By name."""
    rows = domains_of(who(request))
    if listing.search:
        rows = rows.filter(name__contains=listing.search.lower())
    if listing.client:
        rows = rows.filter(client__slug=listing.client)
    if listing.state:
        rows = rows.filter(state=listing.state)
    return page(rows, listing, _shape, by="name")


@router.post("", response={201: Domain}, operation_id="createDomain", summary="Add a domain")
@once
def create(request: HttpRequest, new: NewDomain) -> Domain:
    """The provider's alone. It is being prepared, and ready once the engines know it."""
    actor = who(request)
    return _shape(create_domain(client_for(actor, new.client), new.name, actor=actor))


@router.get("/{name}", response=Domain, operation_id="getDomain", summary="Show a domain")
def show(request: HttpRequest, name: Name) -> Domain:
    """By its name, in U-labels or A-labels."""
    return _shape(domain_for(who(request), name))


@router.get(
    "/{name}/records", response=list[DnsRecord], operation_id="listDnsRecords", summary="List the DNS records to publish"
)
def records(request: HttpRequest, name: Name) -> list[DnsRecord]:
    """Each with its reason; the DKIM records appear once the keys are made."""
    found = dns_records(domain_for(who(request), name))
    return [
        DnsRecord(name=one.name, type=one.type, value=one.value, reason=Said(et=one.reason_et, en=one.reason_en))
        for one in found
    ]


@router.delete("/{name}", response={204: None}, operation_id="removeDomain", summary="Remove a domain")
def remove(request: HttpRequest, name: Name, *, with_contents: bool = False) -> None:
    """The provider's alone. One with addresses stays (409, `not-empty`), save with_contents; mail stays on disk."""
    remove_domain(domain_for(who(request), name), actor=who(request), with_contents=with_contents)
