"""The state of every engine, as root sees it: the page asks the helper, as supervisor and sockets are not the portal's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from kindelpost.accounts.models import Space
from kindelpost.engines.helper import ask
from kindelpost.engines.maps import layout
from kindelpost.lib.clock import now
from kindelpost.lib.errors import KindelpostError
from kindelpost.web.access import only
from kindelpost.web.refusals import said

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["engines"]


@only(Space.PROVIDER)
def engines(request: HttpRequest) -> HttpResponse:
    """The page at once; the look, which takes a moment, when it is asked for (scripts do that by themselves)."""
    shown: dict[str, Any] = {"asked": request.GET.get("look") == "1", "tab": "engines"}
    if shown["asked"]:
        shown["at"] = now()
        try:
            shown["found"] = ask(layout(), "engines")
        except KindelpostError as error:
            shown["silent"] = said(error)
    return render(request, "provider/engines.html", shown)
