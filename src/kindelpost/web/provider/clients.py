"""The provider's clients: the list, one client's things and findings, its domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kindelpost.accounts.models import Space
from kindelpost.accounts.queries import people_of
from kindelpost.practice.verdicts import Verdict
from kindelpost.tenants import actions
from kindelpost.tenants.queries import client_for, counted_clients, domain_for, domains_of
from kindelpost.web.access import actor, only
from kindelpost.web.findings import findings_of
from kindelpost.web.forms import posted, tried
from kindelpost.web.lists import Column, Listed, Table
from kindelpost.web.provider.forms import ClientForm, DomainForm, RemoveDomainForm
from kindelpost.web.zones import records_of, zone_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

__all__ = ["add_domain", "client", "clients", "create", "domain_page", "remove", "remove_domain", "zone"]

CLIENTS = Table(
    "clients",
    (
        Column("name", gettext_lazy("Client"), lambda row: row.name, "name"),
        Column("slug", gettext_lazy("Short name"), lambda row: row.slug, "slug"),
        Column("domains", gettext_lazy("Domains"), lambda row: row.domain_count, "domain_count"),
        Column("mailboxes", gettext_lazy("Mailboxes"), lambda row: row.mailbox_count, "mailbox_count"),
    ),
    ("name", "slug", "domains__name"),
)


@only(Space.PROVIDER)
def clients(request: HttpRequest) -> HttpResponseBase:
    """All of them; the search knows their domains too."""
    listed = Listed(request, counted_clients(actor(request)), CLIENTS)
    if listed.wants_file:
        return listed.file()
    failing = {one["client"] for one in findings_of(actor(request)) if one["verdict"] == Verdict.FAIL.value}
    return render(request, "provider/clients.html", {"list": listed, "failing": failing, "tab": "clients"})


@only(Space.PROVIDER)
def client(request: HttpRequest, client: str) -> HttpResponse:
    """One: its domains, people, findings."""
    who = actor(request)
    found = client_for(who, client)
    shown = {
        "client": found,
        "domains": domains_of(who).filter(client=found),
        "people": people_of(who).filter(client_id=found.pk, space=Space.CLIENT),
        "findings": findings_of(who, client_id=found.pk),
        "counted": counted_clients(who).get(pk=found.pk),
        "tab": "clients",
    }
    return render(request, "provider/client.html", shown)


@only(Space.PROVIDER)
def create(request: HttpRequest) -> HttpResponse:
    """A new one."""
    form = ClientForm(posted(request))
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: actions.create_client(**form.cleaned_data, actor=actor(request)))
        if made:
            return redirect("provider-client", made.slug)
    return render(request, "provider/client_new.html", {"form": form, "tab": "clients"})


@only(Space.PROVIDER)
def remove(request: HttpRequest, client: str) -> HttpResponse:
    """Gone, once its name was confirmed and nothing of it is left."""
    found = client_for(actor(request), client)
    if request.method == "POST":
        name = found.name
        actions.remove_client(found, actor=actor(request))
        messages.success(request, _("%(name)s is removed.") % {"name": name})
        return redirect("provider-clients")
    return render(request, "provider/client_remove.html", {"client": found, "tab": "clients"})


@only(Space.PROVIDER)
def add_domain(request: HttpRequest, client: str) -> HttpResponse:
    """A new domain of a client."""
    found, form = client_for(actor(request), client), DomainForm(posted(request))
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: actions.create_domain(found, form.cleaned_data["name"], actor=actor(request)))
        if made:
            return redirect("provider-domain", made.name)
    return render(request, "provider/domain_new.html", {"form": form, "client": found, "tab": "clients"})


@only(Space.PROVIDER)
def domain_page(request: HttpRequest, domain: str) -> HttpResponse:
    """A client's domain with the records to publish."""
    found = records_of(request, domain_for(actor(request), domain))
    return render(request, "provider/domain.html", {**found, "tab": "clients"})


@only(Space.PROVIDER)
def zone(request: HttpRequest, domain: str) -> HttpResponse:
    """Its records as a file for a name server."""
    return zone_of(domain_for(actor(request), domain))


@only(Space.PROVIDER)
def remove_domain(request: HttpRequest, domain: str) -> HttpResponse:
    """Gone, once its name was confirmed; with what is in it only where that was said."""
    found, form = domain_for(actor(request), domain), RemoveDomainForm(posted(request))
    if request.method == "POST" and form.is_valid():
        name, owner = found.name, found.client.slug
        all_of_it = form.cleaned_data["with_contents"]
        tried(form, lambda: actions.remove_domain(found, with_contents=all_of_it, actor=actor(request)))
        if not form.errors:
            messages.success(request, _("%(name)s is removed.") % {"name": name})
            return redirect("provider-client", owner)
    held = {"form": form, "domain": found, "held": found.addresses.count(), "tab": "clients"}
    return render(request, "provider/domain_remove.html", held)
