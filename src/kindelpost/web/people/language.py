"""The language of the pages; switching keeps the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from kindelpost.accounts import actions
from kindelpost.accounts.models import Person

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

__all__ = ["choose"]


@require_POST
def choose(request: HttpRequest) -> HttpResponseBase:
    """Remember it in a cookie, and with the person; back to the page."""
    wanted = request.POST.get("language", "")
    if isinstance(request.user, Person) and check_for_language(wanted):
        actions.set_language(request.user, wanted)
    return set_language(request)
