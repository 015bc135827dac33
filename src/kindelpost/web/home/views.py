"""Where mailbox users arrive: the practice as it stands for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from kindelpost.accounts.models import Space
from kindelpost.practice.queries import clauses_table
from kindelpost.web.access import actor, only

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["mailbox"]


@only(Space.MAILBOX)
def mailbox(request: HttpRequest) -> HttpResponse:
    """The practice, for everybody."""
    return render(request, "home/practice.html", {"table": clauses_table(actor(request))})
