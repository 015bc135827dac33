"""Error pages: what happened, what to do, what was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["bad_form", "bad_request", "broken", "forbidden", "missing"]


def _page(request: HttpRequest, status: int, title: str, hint: str) -> HttpResponse:
    return render(request, "web/error.html", {"title": title, "hint": hint}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    del exception
    return _page(request, 400, _("This request cannot be understood."), _("Nothing was changed. Go back and try again."))


def bad_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form without its token: another site sent it, or it is too old."""
    del reason
    return _page(request, 403, _("This form is too old."), _("Nothing was changed. Load the page again and send it once more."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    del exception
    return _page(request, 403, _("You may not do this."), _("Nothing was changed."))


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    del exception
    return _page(request, 404, _("There is no such page among yours."), _("Perhaps it was removed, or it is another's."))


def broken(request: HttpRequest) -> HttpResponse:
    """500; mail flows on without the portal."""
    hint = _("What you had saved before is kept. Mail is not touched by this. The operator finds the reason in the log.")
    return _page(request, 500, _("Something broke on our side."), hint)
