"""What stands before every page: the person's language and time, the proof of the session, refusals in the reader's words."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.utils import timezone

from kindelpost.accounts.models import Person
from kindelpost.accounts.proof import ENROLLING, is_proved
from kindelpost.lib.errors import Refused
from kindelpost.web.refusals import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    Next = Callable[[HttpRequest], HttpResponseBase]

__all__ = ["PersonMiddleware", "ProvedMiddleware", "RefusedMiddleware"]

# What a session that a link has opened reaches, and nothing else.
ENROLMENT = frozenset({
    "enrol", "enrol-link", "enrol-password", "enrol-codes", "enrol-finish", "enrol-passkey", "enrol-app",
    "account_logout", "language", "public",
})  # fmt: skip
STATUS = {"not-found": 404, "not-allowed": 403, "too-many-tries": 429}


class PersonMiddleware:
    """The signed-in person's language goes before the cookie's; times are the provider's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.zone = zoneinfo.ZoneInfo(settings.SERVICE.provider.time_zone)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Before LocaleMiddleware, which reads the cookie."""
        if isinstance(request.user, Person) and request.user.language:
            request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = request.user.language
        with timezone.override(self.zone):
            return self.get_response(request)


class ProvedMiddleware:
    """A session that has shown no second factor where one is mandatory reaches nothing (M4.2, M4.3)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """On to the page."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: object, _args: object, _kwargs: object) -> HttpResponse | None:
        """To enrolment while it is not finished; to the door where nothing was proved."""
        person = request.user
        if not isinstance(person, Person):
            return None
        name = request.resolver_match.url_name if request.resolver_match else ""
        if request.session.get(ENROLLING):
            return None if name in ENROLMENT else redirect("enrol")
        if person.must_prove_twice and not is_proved(request, person):
            space = person.space
            logout(request)
            return redirect(f"sign-in-{space}")
        return None


class RefusedMiddleware:
    """What an action or a query refuses becomes a page that says why and what to do."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """On to the page."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Refusals alone; anything else is a bug and is logged."""
        if not isinstance(error, Refused):
            return None
        message, hint = said(error)
        found = {"title": message, "hint": hint}
        return render(request, "web/error.html", found, status=STATUS.get(error.code, 400))
