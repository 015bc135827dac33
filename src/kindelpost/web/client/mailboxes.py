"""The client's mailboxes: made, watched until they are ready, changed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kindelpost.accounts.models import Space
from kindelpost.accounts.passwords import make_password
from kindelpost.tenants import actions
from kindelpost.tenants.queries import domain_for, domains_of, grants_of, mailbox_for, mailboxes_of
from kindelpost.web.access import actor, only
from kindelpost.web.client.forms import MailboxForm, PasswordForm, QuotaForm
from kindelpost.web.forms import GIGABYTE, posted, tried
from kindelpost.web.lists import Column, Listed, Table

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from kindelpost.tenants.models import Mailbox

__all__ = ["create", "mailbox_page", "mailboxes", "password", "quota", "remove", "state"]

MAILBOXES = Table(
    "mailboxes",
    (
        Column("address", gettext_lazy("Address"), lambda row: row.address.text, "address__text"),
        Column("quota", gettext_lazy("Quota"), lambda row: row.quota_bytes, "quota_bytes"),
        Column("state", gettext_lazy("State"), lambda row: row.state, "state"),
    ),
    ("address__text",),
    {"state": "state"},
)


@only(Space.CLIENT)
def mailboxes(request: HttpRequest) -> HttpResponseBase:
    """All of them."""
    listed = Listed(request, mailboxes_of(actor(request)), MAILBOXES)
    return (
        listed.file() if listed.wants_file else render(request, "client/mailboxes.html", {"list": listed, "tab": "mailboxes"})
    )


@only(Space.CLIENT)
@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """A new one, with a password that was chosen or made."""
    who = actor(request)
    begin = {"quota": settings.SERVICE.quota.default_bytes / GIGABYTE}
    form = MailboxForm(posted(request), domains=domains_of(who), initial=begin)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made = "" if asked["password"] else make_password()
        mailbox = tried(
            form,
            lambda: actions.create_mailbox(
                domain_for(who, asked["domain"]),
                asked["local"],
                password=asked["password"] or made,
                quota_bytes=asked["quota"],
                actor=who,
            ),
        )
        if mailbox:
            return _page(request, mailbox, made) if made else redirect("client-mailbox", mailbox.address.text)
    return render(request, "client/mailbox_new.html", {"form": form, "tab": "mailboxes"})


@only(Space.CLIENT)
@never_cache
def mailbox_page(request: HttpRequest, mailbox: str) -> HttpResponse:
    """One: its state, size, other names, grants."""
    return _page(request, mailbox_for(actor(request), mailbox))


def _page(request: HttpRequest, mailbox: Mailbox, made: str = "") -> HttpResponse:
    found = {
        "mailbox": mailbox,
        "made": made,  # a password that is shown this once
        "owned": mailbox.owned_aliases.select_related("address"),
        "grants": grants_of(actor(request)).filter(mailbox=mailbox),
        "quota": QuotaForm(initial={"quota": mailbox.quota_bytes / GIGABYTE}),
        "password": PasswordForm(),
        "tab": "mailboxes",
    }
    return render(request, "client/mailbox.html", found)


@only(Space.CLIENT)
@never_cache
def state(request: HttpRequest, mailbox: str) -> HttpResponse:
    """The part of the page that says whether it is ready; it asks again by itself until it is."""
    return render(request, "client/mailbox_state.html", {"mailbox": mailbox_for(actor(request), mailbox)})


@only(Space.CLIENT)
@require_POST
def quota(request: HttpRequest, mailbox: str) -> HttpResponse:
    """Another size."""
    found, form = mailbox_for(actor(request), mailbox), QuotaForm(request.POST)
    if form.is_valid():
        tried(form, lambda: actions.set_mailbox_quota(found, form.cleaned_data["quota"], actor=actor(request)))
    _tell(request, form, _("The quota is changed."))
    return redirect("client-mailbox", found.address.text)


@only(Space.CLIENT)
@require_POST
@never_cache
def password(request: HttpRequest, mailbox: str) -> HttpResponse:
    """Another password."""
    found, form = mailbox_for(actor(request), mailbox), PasswordForm(request.POST)
    made = ""
    if form.is_valid():
        made = "" if form.cleaned_data["password"] else make_password()
        tried(form, lambda: actions.set_password(found, form.cleaned_data["password"] or made, actor=actor(request)))
    _tell(request, form, _("The password is changed."))
    return _page(request, found, made) if made and not form.errors else redirect("client-mailbox", found.address.text)


@only(Space.CLIENT)
def remove(request: HttpRequest, mailbox: str) -> HttpResponse:
    """Gone, once its name was confirmed."""
    found = mailbox_for(actor(request), mailbox)
    if request.method == "POST":
        address = found.address.text
        actions.remove_mailbox(found, actor=actor(request))
        messages.success(request, _("%(name)s is removed.") % {"name": address})
        return redirect("client-mailboxes")
    what = {"name": found.address.text, "back": "client-mailboxes", "tab": "mailboxes"}
    return render(request, "client/mailbox_remove.html", what)


def _tell(request: HttpRequest, form: forms.Form, done: str) -> None:
    for error in [text for texts in form.errors.values() for text in texts]:
        messages.error(request, str(error))
    if not form.errors:
        messages.success(request, done)
