"""Who did what to whose thing, the whole service over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from kindelpost.accounts.models import Space
from kindelpost.journal.queries import entries_of
from kindelpost.web.access import actor, only
from kindelpost.web.events import JOURNAL
from kindelpost.web.lists import Listed

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

__all__ = ["journal"]


@only(Space.PROVIDER)
def journal(request: HttpRequest) -> HttpResponseBase:
    """Newest first."""
    listed = Listed(request, entries_of(actor(request)), JOURNAL)
    return listed.file() if listed.wants_file else render(request, "provider/journal.html", {"list": listed, "tab": "journal"})
