"""What forms share: a refusal of an action becomes an error of the form, in the reader's words."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from kindelpost.lib.errors import Refused
from kindelpost.web.refusals import said

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from django.http import HttpRequest, QueryDict

__all__ = ["GIGABYTE", "DayField", "SizeField", "posted", "refuse", "tried"]

GIGABYTE = 10**9
Result = TypeVar("Result")


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: a form that was sent empty was sent all the same."""
    return request.POST if request.method == "POST" else None


def tried(form: forms.Form, act: Callable[[], Result]) -> Result | None:
    """What `act` gives; None where it is refused, which the form then says."""
    try:
        return act()
    except Refused as refused:
        refuse(form, refused)
        return None


def refuse(form: forms.Form, refused: Refused) -> None:
    """Say it at the head of the form."""
    form.add_error(None, " ".join(part for part in said(refused) if part))


class SizeField(forms.DecimalField):
    """A size in GB; the action says what is too little or too much."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Quota, GB"), min_value=Decimal("0.001"), max_value=Decimal(100_000), max_digits=9, decimal_places=3
        )

    def clean(self, value: object) -> int:
        """Bytes."""
        return int(super().clean(value) * GIGABYTE)


class DayField(forms.DateField):
    """A day; what ends on it ends with it, in UTC as in the other doors."""

    def __init__(self) -> None:
        super().__init__(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self, value: object) -> datetime:
        """The moment at which the day is over."""
        day: date = super().clean(value)
        return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)
