"""A POST that carries an Idempotency-Key is carried out once (draft-ietf-httpapi-idempotency-key-header).

The key and what the operation changes are kept in one transaction: either both are there or neither. A request that comes again
within a day gets the kept answer. One that was refused changed nothing, so its key stays free.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from ninja.params import functions
from ninja.utils import contribute_operation_args, contribute_operation_callback
from pydantic import BaseModel, StringConstraints

from kindelpost.api.access import who
from kindelpost.api.models import KeptAnswer
from kindelpost.config.sealing import open_sealed, seal
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from ninja.operation import Operation

__all__ = ["HEADER", "once"]

HEADER = "Idempotency-Key"
KEPT = timedelta(days=1)
Key = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
View = TypeVar("View", bound="Callable[..., BaseModel]")


def once(view: View) -> View:
    """Below `@router.post`: the operation takes an Idempotency-Key."""
    said = "Your own name for this request, such as a UUID: sent again within a day, it gets the same answer and does nothing."
    source = functions.Header(None, alias=HEADER, description=said)
    contribute_operation_args(view, "idempotency_key", Key, source)
    contribute_operation_callback(view, _wrap)
    return view


def _wrap(operation: Operation) -> None:
    carry_out = operation.view_func

    @wraps(carry_out)
    def kept(request: HttpRequest, *, idempotency_key: str | None = None, **words: Any) -> Any:  # noqa: ANN401 -- the operation's own
        if idempotency_key is None:
            return carry_out(request, **words)
        return _once(request, idempotency_key, lambda: carry_out(request, **words))

    operation.view_func = kept


def _once(request: HttpRequest, key: str, carry_out: Callable[[], BaseModel]) -> BaseModel | dict[str, Any]:
    at = now()
    mine = KeptAnswer.objects.filter(actor=who(request).id, key=key)
    said = b"\0".join((str(request.method).encode(), request.path.encode(), request.body))
    digest = salted_hmac("kindelpost.api.once", said, algorithm="sha256").hexdigest()
    KeptAnswer.objects.filter(at__lt=at - KEPT).delete()
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = KeptAnswer.objects.create(actor=who(request).id, key=key, request=digest, at=at)
        except IntegrityError:
            return _again(mine.get(), digest)
        answer = carry_out()
        row.sealed = seal(answer.model_dump_json())
        row.save(update_fields=["sealed"])
        return answer


def _again(row: KeptAnswer, digest: str) -> dict[str, Any]:
    if row.request != digest:
        raise Refused("key-reused", "This Idempotency-Key was used for another request.", "Choose a new key for each request.")
    found: dict[str, Any] = json.loads(open_sealed(row.sealed))
    return found
