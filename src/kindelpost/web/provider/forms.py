"""The provider's forms. What is allowed the actions say; these only read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kindelpost.accounts.models import Space

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kindelpost.tenants.models import Client

__all__ = ["ClientForm", "DomainForm", "PersonForm", "RemoveDomainForm"]


class ClientForm(forms.Form):
    """A new client."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As people know it, such as Firma OÜ."))
    slug = forms.CharField(label=_("Short name"), max_length=63, help_text=_("a-z, 0-9 and hyphen; it does not change."))


class DomainForm(forms.Form):
    """A new domain of a client."""

    name = forms.CharField(label=_("Domain"), max_length=253, help_text=_("Such as firma.ee."))


class RemoveDomainForm(forms.Form):
    """With everything in it, or only when it is empty."""

    with_contents = forms.BooleanField(label=_("Also every mailbox and alias in it"), required=False)


class PersonForm(forms.Form):
    """Somebody of the provider or of a client."""

    login = forms.CharField(label=_("Login"), max_length=254, help_text=_("An e-mail address is a good one."))
    name = forms.CharField(label=_("Name"), max_length=200)
    of = forms.ChoiceField(label=_("Belongs to"))

    def __init__(self, *args: Any, clients: Iterable[Client], **kwargs: Any) -> None:  # noqa: ANN401 -- Form's own
        super().__init__(*args, **kwargs)
        own = [("", _("the provider"))]
        choice = self.fields["of"]
        if isinstance(choice, forms.ChoiceField):
            choice.required = False
            choice.choices = [*own, *((one.slug, one.name) for one in clients)]

    @property
    def space(self) -> Space:
        """Where the identity lives."""
        return Space.CLIENT if self.cleaned_data["of"] else Space.PROVIDER
