"""The doors: each space has its own, and an identity of one space is unknown at another's (M3.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.logout import logout
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kindelpost.accounts.forms import PasskeyForm, SignInForm
from kindelpost.accounts.models import Space

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["SecondStep", "SignIn", "SignInPasskey", "doors", "sign_out"]


def doors(request: HttpRequest) -> HttpResponse:
    """Which door is yours?"""
    return render(request, "people/doors.html")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session, or break off a sign-in that is half-way."""
    logout(request, show_message=False)
    return redirect("account_login")


class SignIn(LoginView):
    """A space's door: a passkey, or login and password, to which a second step comes."""

    space: Space = Space.PROVIDER
    form_class = SignInForm
    template_name = "people/sign_in.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form asks in this space alone."""
        return {**super().get_form_kwargs(), "space": self.space}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Where the passkey goes."""
        found = {"space": self.space, "passkey_url": reverse(f"sign-in-passkey-{self.space}")}
        return {**super().get_context_data(**kwargs), **found}


class SignInPasskey(LoginWebAuthnView):
    """A passkey that its device has verified its user for: both factors in one."""

    space: Space = Space.PROVIDER
    form_class = PasskeyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """A passkey of another space is unknown here."""
        return {**super().get_form_kwargs(), "space": self.space}

    def form_invalid(self, form: PasskeyForm) -> HttpResponse:
        """Back to this door, with what was wrong."""
        super().form_invalid(form)
        return HttpResponseRedirect(reverse(f"sign-in-{self.space}"))


class SecondStep(AuthenticateView):
    """After the password: a passkey, the code of an authenticator app, or a recovery code."""

    template_name = "people/second_step.html"
