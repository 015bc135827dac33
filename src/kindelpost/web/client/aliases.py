"""The client's aliases; one that leads out asks for an acknowledgement, with the risk in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kindelpost.accounts.models import Space
from kindelpost.lib.errors import Refused
from kindelpost.tenants import actions
from kindelpost.tenants.queries import alias_for, aliases_of, domain_for, domains_of, mailbox_for
from kindelpost.web.access import actor, only
from kindelpost.web.client.forms import AliasForm
from kindelpost.web.forms import posted, refuse
from kindelpost.web.lists import Column, Listed, Table

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from kindelpost.tenants.models import Alias

__all__ = ["aliases", "create", "remove"]


def _targets(row: Alias) -> str:
    return " ".join(sorted(target.text for target in row.targets.all()))


ALIASES = Table(
    "aliases",
    (
        Column("address", gettext_lazy("Address"), lambda row: row.address.text, "address__text"),
        Column("targets", gettext_lazy("Leads to"), _targets),
        Column("owner", gettext_lazy("Owner"), lambda row: row.owner and str(row.owner), "owner__address__text"),
        Column("leaves", gettext_lazy("Leaves the client"), lambda row: row.external_acknowledged, "external_acknowledged"),
    ),
    ("address__text", "owner__address__text"),
)


@only(Space.CLIENT)
def aliases(request: HttpRequest) -> HttpResponseBase:
    """All of them."""
    listed = Listed(request, aliases_of(actor(request)), ALIASES)
    return listed.file() if listed.wants_file else render(request, "client/aliases.html", {"list": listed, "tab": "aliases"})


def _create(request: HttpRequest, form: AliasForm) -> Alias:
    who, asked = actor(request), form.cleaned_data
    return actions.create_alias(
        domain_for(who, asked["domain"]),
        asked["local"],
        asked["targets"].split(),
        owner=mailbox_for(who, asked["owner"]) if asked["owner"] else None,
        external_acknowledged=asked["acknowledged"],
        actor=who,
    )


@only(Space.CLIENT)
def create(request: HttpRequest) -> HttpResponse:
    """A new one; what would leave the client is named, and asked for once more."""
    form = AliasForm(posted(request), domains=domains_of(actor(request)))
    leaving: object = None
    if request.method == "POST" and form.is_valid():
        try:
            alias = _create(request, form)
        except Refused as refused:
            leaving = refused.data.get("targets")
            if leaving is None:
                refuse(form, refused)
        else:
            messages.success(request, _("%(name)s is created.") % {"name": alias.address.text})
            return redirect("client-aliases")
    return render(request, "client/alias_new.html", {"form": form, "leaving": leaving, "tab": "aliases"})


@only(Space.CLIENT)
def remove(request: HttpRequest, alias: str) -> HttpResponse:
    """Gone, once its name was confirmed."""
    found = alias_for(actor(request), alias)
    if request.method == "POST":
        address = found.address.text
        actions.remove_alias(found, actor=actor(request))
        messages.success(request, _("%(name)s is removed.") % {"name": address})
        return redirect("client-aliases")
    return render(request, "client/alias_remove.html", {"alias": found, "name": found.address.text, "tab": "aliases"})
