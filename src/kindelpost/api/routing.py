"""A group of operations: of one area of scopes, under one heading, and strict in what it is asked."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from ninja import Router
from ninja.utils import contribute_operation_callback

from kindelpost.api.access import Bearer
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from ninja.operation import Operation

    from kindelpost.accounts.actions.tokens import Area

__all__ = ["Resource"]


class Resource(Router):
    """A router whose operations take a token of `area` and no parameter that they do not know."""

    def __init__(self, area: Area, heading: str) -> None:
        super().__init__(auth=Bearer(area), tags=[heading])

    def add_api_operation(self, path: str, methods: list[str], view_func: Callable[..., Any], **words: Any) -> None:  # noqa: ANN401 -- ninja's own
        """As ninja, with the check."""
        contribute_operation_callback(view_func, _refuse_unknown)
        super().add_api_operation(path, methods, view_func, **words)


def _refuse_unknown(operation: Operation) -> None:
    """A filter that is spelled wrong would otherwise give the whole list."""
    carry_out = operation.view_func
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in getattr(model, "__ninja_flatten_map__", model.model_fields)
    }

    @wraps(carry_out)
    def asked(request: HttpRequest, **words: Any) -> Any:  # noqa: ANN401 -- the operation's own
        if unknown := sorted(set(request.GET) - known):
            hint = f"It takes {' '.join(sorted(known)) or 'none'}."
            raise Refused("bad-request", f"There is no parameter {unknown[0]!r} here.", hint)
        return carry_out(request, **words)

    operation.view_func = asked
