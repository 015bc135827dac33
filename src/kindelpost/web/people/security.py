"""One's own security: passkeys, authenticator app, recovery codes, password, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kindelpost.accounts import actions
from kindelpost.accounts.forms import PasswordForm
from kindelpost.accounts.models import Person
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

__all__ = [
    "AddApp",
    "AddPasskey",
    "Codes",
    "ConfirmCode",
    "ConfirmPasskey",
    "NewCodes",
    "RemoveApp",
    "RemovePasskey",
    "end_sessions",
    "overview",
    "password",
]


def _person(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise Refused("not-found", "There is no such page among yours.")
    return request.user


@login_required
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """Everything on one page."""
    person = _person(request)
    held = list(Authenticator.objects.filter(user=person).order_by("created_at"))
    codes = next((one for one in held if one.type == Authenticator.Type.RECOVERY_CODES), None)
    sessions = sorted(UserSession.objects.purge_and_list(person), key=lambda one: one.created_at, reverse=True)
    found = {
        "passkeys": [one for one in held if one.type == Authenticator.Type.WEBAUTHN],
        "app": next((one for one in held if one.type == Authenticator.Type.TOTP), None),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "sessions": sessions,
        "here": request.session.session_key,
    }
    return render(request, "people/security.html", found)


@login_required
@reauthentication_required(app="allauth.mfa")
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """Choose another password; every other session ends."""
    person = _person(request)
    form = PasswordForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        actions.set_password(person, form.cleaned_data["password"])
        update_session_auth_hash(request, person)
        actions.end_sessions(person, but=str(request.session.session_key))
        UserSession.objects.create_from_request(request)
        messages.success(request, _("Your password is changed. Your other sessions have ended."))
        return redirect("mfa_index")
    return render(request, "people/password.html", {"form": form, "back": "mfa_index"})


@require_POST
@login_required
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one other session, or all others."""
    person = _person(request)
    only = request.POST.get("session", "")
    here = str(request.session.session_key)
    ended = actions.end_sessions(person, only=int(only) if only.isdecimal() else None, but=here)
    if ended:
        messages.success(request, _("The session has ended.") if only else _("Your other sessions have ended."))
    return redirect("mfa_index")


class AddPasskey(AddWebAuthnView):
    """Another passkey."""

    template_name = "people/passkey_add.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One that its device verifies the user for, always."""
        found = {**super().get_context_data(**kwargs), "action": reverse("mfa_add_webauthn"), "back": "mfa_index"}
        found["js_data"] = {
            "creation_options": auth.begin_registration(self.request.user, passwordless=True)
        }  # the last counts
        return found


class RemovePasskey(RemoveWebAuthnView):
    """One passkey less, never the last second factor where one is mandatory."""

    template_name = "people/remove.html"
    success_url = reverse_lazy("mfa_index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What it is called."""
        return {**super().get_context_data(**kwargs), "what": self.object.wrap().name}

    def form_valid(self, form: Any) -> HttpResponse:
        """Removed, or refused."""
        if not get_adapter().can_delete_authenticator(self.get_object()):
            messages.error(self.request, _("This is your last second factor. Add another one first."))
            return HttpResponseRedirect(reverse("mfa_index"))
        response: HttpResponse = super().form_valid(form)
        return response


class AddApp(ActivateTOTPView):
    """An authenticator app; it goes with a password."""

    template_name = "people/app_add.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A password first."""
        if isinstance(request.user, Person) and not request.user.has_usable_password():
            messages.info(request, _("An authenticator app goes with a password: choose one first."))
            return redirect("password")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Where it goes."""
        return {**super().get_context_data(**kwargs), "action": reverse("mfa_activate_totp"), "back": "mfa_index"}


class RemoveApp(DeactivateTOTPView):
    """No authenticator app any more."""

    template_name = "people/remove.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What it is called."""
        return {**super().get_context_data(**kwargs), "what": _("Authenticator app")}


@method_decorator(never_cache, name="dispatch")
class Codes(ViewRecoveryCodesView):
    """The recovery codes, shown once."""

    template_name = "people/codes.html"


class NewCodes(GenerateRecoveryCodesView):
    """New recovery codes; the old ones end."""

    template_name = "people/codes_new.html"


class ConfirmCode(ReauthenticateView):
    """Is it still you? By a code."""

    template_name = "people/confirm_code.html"


class ConfirmPasskey(ReauthenticateWebAuthnView):
    """Is it still you? By a passkey."""

    template_name = "people/confirm_passkey.html"
