"""Who asks: a token, from one of its networks, within its scope. Nothing else opens this door (M4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from kindelpost.accounts.actions import use_token
from kindelpost.accounts.actions.tokens import Area, Scope
from kindelpost.accounts.proof import address_of
from kindelpost.api.limits import count
from kindelpost.journal.actor import Actor
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["Bearer", "need_provider", "who"]

READING = {"GET", "HEAD"}


class Bearer(HttpBearer):
    """`Authorization: Bearer kp_…` (RFC 6750), for one area of the API."""

    def __init__(self, area: Area) -> None:
        super().__init__()
        self.area = area

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The token as an actor, counted. Raises `Refused` (`bad-token`, `bad-scope`, `too-many-requests`)."""
        scope = Scope.READ if request.method in READING else Scope.WRITE
        actor = use_token(token, address_of(request), scope, self.area)
        rate = count(actor.id)
        request.META["kindelpost.rate"] = rate
        if rate.over:
            raise Refused("too-many-requests", "This token has asked too often.", f"Go on in {rate.seconds} s.")
        return actor


def who(request: HttpRequest) -> Actor:
    """The actor whom the token stands for."""
    actor = getattr(request, "auth", None)
    if not isinstance(actor, Actor):
        raise AuthenticationError
    return actor


def need_provider(request: HttpRequest) -> Actor:
    """The provider's token; to a client's there is no such thing. Raises `Refused` (`not-found`)."""
    actor = who(request)
    if not actor.reaches_all:
        raise Refused("not-found", "There is no such thing among yours.")
    return actor
