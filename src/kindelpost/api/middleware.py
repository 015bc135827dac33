"""What holds for every answer of the API, whichever part of the program gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.cache import patch_vary_headers

from kindelpost.api.limits import Rate
from kindelpost.api.problem import MEDIA_TYPE, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

__all__ = ["ApiMiddleware"]

UNDER = "/api/"
FIRST_ERROR = 400
WORDS = {
    400: ("bad-request", "This request cannot be understood."),
    403: ("not-allowed", "This is not allowed."),
    404: ("not-found", "There is nothing at this address."),
    405: ("bad-method", "This address does not take this method."),
}


class ApiMiddleware:
    """No cookie comes in or goes out, every error is a problem, and the limits of the token are told."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Around everything else that may answer."""
        if not request.path.startswith(UNDER):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.COOKIES = {}
        response = self.get_response(request)
        if response.status_code >= FIRST_ERROR and not response.get("Content-Type", "").startswith(MEDIA_TYPE):
            code, words = WORDS.get(response.status_code, ("broken", "Something broke on our side."))
            allowed = response.get("Allow")
            response = problem(response.status_code, code, words)
            if allowed:
                response["Allow"] = allowed
        response.cookies.clear()
        response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Authorization"])
        rate = request.META.get("kindelpost.rate")
        for name, value in rate.headers().items() if isinstance(rate, Rate) else ():
            response[name] = value
        return response
