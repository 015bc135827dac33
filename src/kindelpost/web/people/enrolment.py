"""By a one-time link a person sets up a passkey, or a password with an authenticator app, and keeps recovery codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import clear_authentication_records, record_authentication
from allauth.mfa.recovery_codes.internal.flows import auto_generate_recovery_codes
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView
from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kindelpost.accounts import actions
from kindelpost.accounts.actions.enrolment import enrolment_of
from kindelpost.accounts.forms import PasswordForm
from kindelpost.accounts.models import Person
from kindelpost.accounts.proof import ENROLLING, address_of, means_of, remember_device
from kindelpost.accounts.queries import has_second_factor
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

__all__ = ["App", "Codes", "Passkey", "begin", "finish", "link", "password"]


@never_cache
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Show whose link it is; only the button uses it, so that a program that looks at links does not."""
    enrolment = enrolment_of(token)
    if request.method != "POST":
        return render(request, "people/enrol_link.html", {"enrolment": enrolment})
    person = actions.redeem_enrolment(token)
    request.session.flush()
    get_adapter().login(request, person)
    record_authentication(request, person, method="enrolment", reauthenticated=True)
    request.session[ENROLLING] = True
    return redirect("enrol")


def _enrolling(request: HttpRequest) -> Person:
    """Whoever came by a link. Raises `Refused` for anybody else."""
    if not isinstance(request.user, Person) or not request.session.get(ENROLLING):
        raise Refused("link-over", "Enrolment begins with a link.", "Ask an administrator for one.")
    return request.user


@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """The choice: a passkey (better), or a password with an authenticator app."""
    person = _enrolling(request)
    return redirect("enrol-codes") if has_second_factor(person) else render(request, "people/enrol.html")


@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """The password of the second way; it opens nothing without the app."""
    person = _enrolling(request)
    form = PasswordForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        actions.set_password(person, form.cleaned_data["password"])
        update_session_auth_hash(request, person)
        return redirect("enrol-app" if person.must_prove_twice else "enrol-codes")
    return render(request, "people/password.html", {"form": form, "back": "enrol"})


class Passkey(AddWebAuthnView):
    """A passkey: kept by a phone, a computer or a key, and opened there by its owner."""

    template_name = "people/passkey_add.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """By a link alone."""
        _enrolling(request)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One that its device verifies the user for, always."""
        found = {**super().get_context_data(**kwargs), "action": reverse("enrol-passkey"), "back": "enrol"}
        found["js_data"] = {
            "creation_options": auth.begin_registration(self.request.user, passwordless=True)
        }  # the last counts
        return found

    def get_success_url(self) -> str:
        """On to the codes."""
        return reverse("enrol-codes")


class App(ActivateTOTPView):
    """An authenticator app beside the password."""

    template_name = "people/app_add.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """By a link alone, and with a password before."""
        if not _enrolling(request).has_usable_password():
            return redirect("enrol-password")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Where it goes."""
        return {**super().get_context_data(**kwargs), "action": reverse("enrol-app"), "back": "enrol"}

    def get_success_url(self) -> str:
        """On to the codes."""
        return reverse("enrol-codes")


class Codes(ViewRecoveryCodesView):
    """The recovery codes, shown this once."""

    template_name = "people/codes.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """By a link alone."""
        person = _enrolling(request)
        if not has_second_factor(person):
            return redirect("enrol") if person.must_prove_twice else finish(request)
        auto_generate_recovery_codes(request)
        return never_cache(super().dispatch)(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The way on."""
        return {**super().get_context_data(**kwargs), "next": reverse("enrol-finish")}


@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """From here on the session is like any other: its owner has just shown the new second factor."""
    person = _enrolling(request)
    actions.finish_enrolment(person)
    del request.session[ENROLLING]
    clear_authentication_records(request)  # the link's proof ends here; a change of credentials asks anew
    if has_second_factor(person):
        record_authentication(request, person, method="mfa", type="enrolment")
    request.session.cycle_key()
    UserSession.objects.create_from_request(request)
    actions.note_sign_in(person, means=means_of(request, person), address=address_of(request))
    response = redirect(f"home-{person.space}")
    remember_device(request, response, str(person))
    return response
