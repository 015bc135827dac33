"""The client's forms. What is allowed the actions say; these only read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kindelpost.web.forms import DayField, SizeField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kindelpost.tenants.models import Domain

__all__ = ["AliasForm", "GrantForm", "MailboxForm", "PasswordForm", "QuotaForm"]

NEW = {"autocomplete": "new-password"}


class _AddressForm(forms.Form):
    """A new address in one of the client's domains."""

    local = forms.CharField(label=_("Before the @"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    domain = forms.ChoiceField(label=_("Domain"))

    def __init__(self, *args: Any, domains: Iterable[Domain], **kwargs: Any) -> None:  # noqa: ANN401 -- Form's own
        super().__init__(*args, **kwargs)
        choice = self.fields["domain"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [(one.name, one.name) for one in domains]


class PasswordForm(forms.Form):
    """A password that somebody chose, or none."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=200,
        strip=False,
        help_text=_("Leave it empty and one is made, which you are shown once."),
        widget=forms.PasswordInput(attrs=NEW),
    )


class QuotaForm(forms.Form):
    """A size."""

    quota = SizeField()


class MailboxForm(PasswordForm, _AddressForm):
    """A new mailbox."""

    quota = SizeField()
    field_order = ("local", "domain", "quota", "password")


class AliasForm(_AddressForm):
    """A new alias; the box appears where mail would leave the client."""

    targets = forms.CharField(
        label=_("Leads to"), help_text=_("One address a line."), max_length=30_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    owner = forms.CharField(
        label=_("Owner"),
        required=False,
        max_length=254,
        help_text=_("The mailbox that may also send as this alias. Empty: nobody."),
    )
    acknowledged = forms.BooleanField(label=_("I accept this risk"), required=False)


class GrantForm(forms.Form):
    """A right to send as another address."""

    mailbox = forms.CharField(label=_("Mailbox that may send"), max_length=254)
    address = forms.CharField(label=_("As which address"), max_length=254)
    reason = forms.CharField(label=_("Why"), max_length=500)
    until = DayField()
