"""The client's domains, and what to publish for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from kindelpost.accounts.models import Space
from kindelpost.tenants.queries import domain_for, domains_of
from kindelpost.web.access import actor, only
from kindelpost.web.lists import Column, Listed, Table
from kindelpost.web.zones import records_of, zone_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

__all__ = ["domain_page", "domains", "zone"]

DOMAINS = Table(
    "domains",
    (
        Column("domain", _("Domain"), lambda row: row.name, "name"),
        Column("addresses", _("Addresses"), lambda row: row.count, "count"),
        Column("state", _("State"), lambda row: row.state, "state"),
    ),
    ("name",),
)


@only(Space.CLIENT)
def domains(request: HttpRequest) -> HttpResponseBase:
    """All of them."""
    listed = Listed(request, domains_of(actor(request)).annotate(count=Count("addresses")), DOMAINS)
    return listed.file() if listed.wants_file else render(request, "client/domains.html", {"list": listed, "tab": "domains"})


@only(Space.CLIENT)
def domain_page(request: HttpRequest, domain: str) -> HttpResponse:
    """One, record by record."""
    found = records_of(request, domain_for(actor(request), domain))
    return render(request, "client/domain.html", {**found, "tab": "domains"})


@only(Space.CLIENT)
def zone(request: HttpRequest, domain: str) -> HttpResponse:
    """Its records as a file for a name server."""
    return zone_of(domain_for(actor(request), domain))
