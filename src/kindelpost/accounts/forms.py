"""The forms of signing in, counted and kept to one space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kindelpost.accounts.limits import begin
from kindelpost.accounts.passwords import refuse_weak
from kindelpost.accounts.proof import address_of, known_device
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

    from kindelpost.accounts.limits import Try
    from kindelpost.accounts.models import Person

__all__ = ["CodeForm", "ConfirmForm", "PasskeyForm", "PasswordForm", "SignInForm"]


def _begin(account: str) -> Try:
    request = context.request
    try:
        return begin(account, address_of(request), device=known_device(request, account))
    except Refused as refused:
        raise get_adapter().validation_error("too_many_login_attempts") from refused


class SignInForm(LoginForm):
    """Login and password, of one space."""

    def __init__(self, *args: Any, space: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.space = space
        self.fields["login"].label = _("Login")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def user_credentials(self) -> dict[str, Any]:
        """Never without the space."""
        return {**super().user_credentials(), "space": self.space}


class PasskeyForm(LoginWebAuthnForm):
    """A passkey, of one space: one of another space is as unknown as none. There is nothing to guess, so nothing to count."""

    def __init__(self, *args: Any, space: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.space = space

    def clean_credential(self) -> Authenticator:
        """The passkey that was shown."""
        found = super().clean_credential()
        if found.user.space != self.space:
            raise get_adapter().validation_error("incorrect_code")
        return found


class CodeForm(AuthenticateForm):
    """The code of an authenticator app, or a recovery code; tries are counted."""

    def clean_code(self) -> str:
        """The code, if it is right now."""
        tried = _begin(str(self.user))
        code: str = super().clean_code()
        tried.succeeded()
        return code


class ConfirmForm(ReauthenticateForm):
    """The same, within a session."""

    def clean_code(self) -> str:
        """The code, if it is right now."""
        tried = _begin(str(self.user))
        code: str = super().clean_code()
        tried.succeeded()
        return code


class PasswordForm(forms.Form):
    """Choose a password."""

    password = forms.CharField(
        label=_("Password"), max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        """A weak one is the field's error."""
        password: str = self.cleaned_data["password"]
        try:
            refuse_weak(password, self.person.login)
        except Refused as refused:
            raise ValidationError(gettext(refused.message)) from refused
        return password
