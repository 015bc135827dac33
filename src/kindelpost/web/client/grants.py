"""Who of the client may send as another address, why, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kindelpost.accounts.models import Space
from kindelpost.tenants import actions
from kindelpost.tenants.queries import grant_for, grants_of, mailbox_for
from kindelpost.web.access import actor, only
from kindelpost.web.client.forms import GrantForm
from kindelpost.web.forms import posted, tried
from kindelpost.web.lists import Column, Listed, Table

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

__all__ = ["create", "grants", "revoke"]

GRANTS = Table(
    "send-as",
    (
        Column("mailbox", gettext_lazy("Mailbox"), lambda row: str(row.mailbox), "mailbox__address__text"),
        Column("address", gettext_lazy("May send as"), lambda row: str(row.address), "address__text"),
        Column("reason", gettext_lazy("Why"), lambda row: row.reason, "reason"),
        Column("until", gettext_lazy("Until"), lambda row: row.expires_at, "expires_at"),
        Column("by", gettext_lazy("Given by"), lambda row: row.granted_by, "granted_by"),
    ),
    ("mailbox__address__text", "address__text", "reason", "granted_by"),
)


@only(Space.CLIENT)
def grants(request: HttpRequest) -> HttpResponseBase:
    """All of them."""
    listed = Listed(request, grants_of(actor(request)), GRANTS)
    return listed.file() if listed.wants_file else render(request, "client/grants.html", {"list": listed, "tab": "grants"})


@only(Space.CLIENT)
def create(request: HttpRequest) -> HttpResponse:
    """A new one; given again, it replaces reason and end."""
    who = actor(request)
    form = GrantForm(posted(request), initial={"mailbox": request.GET.get("mailbox", "")})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        grant = tried(
            form,
            lambda: actions.grant_send_as(
                mailbox_for(who, asked["mailbox"]),
                asked["address"],
                reason=asked["reason"],
                expires_at=asked["until"],
                actor=who,
            ),
        )
        if grant:
            said = _("%(mailbox)s may now send as %(address)s.")
            messages.success(request, said % {"mailbox": grant.mailbox, "address": grant.address})
            return redirect("client-grants")
    return render(request, "client/grant_new.html", {"form": form, "tab": "grants"})


@only(Space.CLIENT)
def revoke(request: HttpRequest, mailbox: str, address: str) -> HttpResponse:
    """Taken back, once it was confirmed who loses what."""
    found = grant_for(actor(request), mailbox, address)
    if request.method == "POST":
        actions.revoke_send_as(found, actor=actor(request))
        said = _("%(mailbox)s may no longer send as %(address)s.")
        messages.success(request, said % {"mailbox": mailbox, "address": address})
        return redirect("client-grants")
    return render(request, "client/grant_revoke.html", {"grant": found, "tab": "grants"})
