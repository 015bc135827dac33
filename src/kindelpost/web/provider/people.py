"""Who signs in to the portal, and how they get in. Every change asks anew who is at the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kindelpost.accounts import actions
from kindelpost.accounts.models import Space
from kindelpost.accounts.queries import people_of, person_for
from kindelpost.tenants.queries import client_for, clients_of
from kindelpost.web.access import actor, only, proved_anew
from kindelpost.web.forms import posted, tried
from kindelpost.web.lists import Column, Listed, Table
from kindelpost.web.provider.forms import PersonForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from kindelpost.accounts.models import Person

__all__ = ["add", "link", "people", "person_page", "recover", "remove"]

PEOPLE = Table(
    "people",
    (
        Column("name", gettext_lazy("Name"), lambda row: row.name, "name"),
        Column("login", gettext_lazy("Login"), lambda row: row.login, "login"),
        Column("space", gettext_lazy("Belongs to"), lambda row: row.space, "space"),
        Column("proof", gettext_lazy("Second factor"), lambda row: row.second_factor, "second_factor"),
        Column("signed_in", gettext_lazy("Last signed in"), lambda row: row.last_login, "last_login"),
    ),
    ("name", "login"),
    {"space": "space"},
)


@only(Space.PROVIDER)
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody."""
    listed = Listed(request, people_of(actor(request)), PEOPLE)
    return listed.file() if listed.wants_file else render(request, "provider/people.html", {"list": listed, "tab": "people"})


@only(Space.PROVIDER)
@never_cache
def person_page(request: HttpRequest, space: str, person: str) -> HttpResponse:
    """One."""
    return _page(request, person_for(actor(request), space, person))


def _page(request: HttpRequest, found: Person, token: str = "") -> HttpResponse:
    path = reverse("enrol-link", kwargs={"token": token}) if token else ""
    shown = {
        "person": person_for(actor(request), found.space, found.login),
        "client": clients_of(actor(request)).filter(pk=found.client_id or 0).first(),
        "link": f"{settings.SERVICE.portal_url}{path}" if token else "",  # shown this once
        "oneself": found == request.user,
        "tab": "people",
    }
    return render(request, "provider/person.html", shown)


@only(Space.PROVIDER)
@proved_anew
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """Somebody new, with the link by which they set up how to sign in."""
    who = actor(request)
    form = PersonForm(posted(request), clients=clients_of(who), initial={"of": request.GET.get("client", "")})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        client_id = client_for(who, asked["of"]).pk if asked["of"] else None
        made = tried(
            form, lambda: actions.add_person(form.space, asked["login"], asked["name"], client_id=client_id, actor=who)
        )
        if made:
            return _page(request, made, actions.enrol_person(made, actor=who))
    return render(request, "provider/person_new.html", {"form": form, "tab": "people"})


@only(Space.PROVIDER)
@require_POST
@proved_anew
@never_cache
def link(request: HttpRequest, space: str, person: str) -> HttpResponse:
    """A new link for somebody who has not set up their sign-in."""
    found = person_for(actor(request), space, person)
    return _page(request, found, actions.enrol_person(found, actor=actor(request)))


@only(Space.PROVIDER)
@proved_anew
@never_cache
def recover(request: HttpRequest, space: str, person: str) -> HttpResponse:
    """Every way in and every session taken, and a new link, once it was confirmed whose."""
    found = person_for(actor(request), space, person)
    if request.method == "POST":
        return _page(request, found, actions.recover_person(found, actor=actor(request)))
    return render(request, "provider/person_recover.html", {"person": found, "tab": "people"})


@only(Space.PROVIDER)
@proved_anew
def remove(request: HttpRequest, space: str, person: str) -> HttpResponse:
    """Gone, once it was confirmed who."""
    found = person_for(actor(request), space, person)
    if request.method == "POST":
        name = found.name
        actions.remove_person(found, actor=actor(request))
        messages.success(request, _("%(name)s is removed.") % {"name": name})
        return redirect("provider-people")
    return render(request, "provider/person_remove.html", {"person": found, "tab": "people"})
