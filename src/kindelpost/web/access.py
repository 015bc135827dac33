"""Who may look at a page."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.views import redirect_to_login
from django.urls import reverse

from kindelpost.accounts.models import Person
from kindelpost.accounts.queries import actor_of
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from kindelpost.accounts.models import Space
    from kindelpost.journal.actor import Actor

    View = Callable[..., HttpResponseBase]

__all__ = ["actor", "only", "proved_anew"]


def only(space: Space) -> Callable[[View], View]:
    """A page of one space: a stranger goes to its door, people of another find nothing there."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401 -- the view's own
            if not isinstance(request.user, Person):
                return redirect_to_login(request.get_full_path(), reverse(f"sign-in-{space}"))
            if request.user.space != space:
                raise Refused("not-found", "There is no such page among yours.")
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def proved_anew(view: View) -> View:
    """A page that gives or takes rights: it asks for a second factor once more, where the last proof is not fresh."""
    return cast("View", reauthentication_required(app="allauth.mfa")(view))


def actor(request: HttpRequest) -> Actor:
    """Who acts. Only on pages that are somebody's."""
    if not isinstance(request.user, Person):
        raise Refused("not-found", "There is no such page among yours.")
    return actor_of(request.user)
