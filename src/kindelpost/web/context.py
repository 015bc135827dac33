"""What every page knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from kindelpost.accounts.proof import ENROLLING
from kindelpost.config.version import VERSION

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["page"]

THEMES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """The provider, the theme that was chosen, whether enrolment is going on."""
    theme = request.COOKIES.get("theme", "")
    session = getattr(request, "session", {})
    return {
        "provider": settings.SERVICE.provider,
        "version": VERSION,
        "languages": settings.LANGUAGES,  # each by its own name
        "theme": theme if theme in THEMES else "",
        "enrolling": bool(session.get(ENROLLING)),
    }
