"""What went wrong, as application/problem+json (RFC 9457): the code, message and hint that every door gives."""

from __future__ import annotations

import json
import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel, ConfigDict, Field

from kindelpost.lib.errors import KindelpostError, Refused

if TYPE_CHECKING:
    from ninja import NinjaAPI

__all__ = ["MEDIA_TYPE", "Problem", "add_handlers", "problem", "said"]

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)
STATUS = {
    "bad-token": 401,
    "bad-scope": 403,
    "not-allowed": 403,
    "not-found": 404,
    "taken": 409,
    "not-empty": 409,
    "domain-conflict": 409,
    "reserved": 409,
    "needs-acknowledgement": 409,
    "too-many-requests": 429,
}  # any other refusal is 422
# A hint names what its reader can do: here fields and addresses stand for the options and commands of the terminal.
HERE = (
    (re.compile(r"`kindelpost ([a-z-]+) list`"), r"the list of each \1"),
    (re.compile(r"say --external-acknowledged"), 'send "acknowledged": true'),
    (re.compile(r"say --with-contents"), "send with_contents=true"),
    (re.compile(r"with --to\b"), 'in "targets"'),
    (re.compile(r"with --reason\b"), 'in "reason"'),
    (re.compile(r"Name a day with --until, such as ([0-9-]+)"), r'Name a moment in "expires_at", such as \1T00:00:00Z'),
    (re.compile(r"\s*See `kindelpost [^`]*`\."), ""),
)


class Fault(BaseModel):
    """A value that does not fit the description of the request."""

    where: str = Field(description="Such as body.quota_bytes.")
    message: str


class Problem(BaseModel):
    """Why a request was not carried out; nothing was changed (RFC 9457)."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})

    type: str = Field("about:blank", description="`code` tells problems apart.")
    title: str
    status: int
    detail: str = Field(description="What happened.")
    code: str = Field(description="Stable, such as not-found, taken, needs-acknowledgement.")
    hint: str = Field("", description="What to do.")
    errors: list[Fault] = Field(default=[], description="Of a request that does not fit its description: each fault.")
    data: dict[str, Any] = Field(default={}, description="Facts of a refusal, by its code.")


def problem(status: int, code: str, detail: str, hint: str = "", **more: Any) -> HttpResponse:  # noqa: ANN401 -- fields of Problem
    """The response."""
    found = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, hint=hint, **more)
    response = HttpResponse(json.dumps(found.model_dump(mode="json")), status=status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="kindelpost"'
    return response


def said(error: KindelpostError) -> str:
    """The hint, in the words of this door."""
    hint = error.hint
    for pattern, words in HERE:
        hint = pattern.sub(words, hint)
    return hint.strip()


def _answer(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, KindelpostError):
        status = STATUS.get(error.code, 422) if isinstance(error, Refused) else 503
        return problem(status, error.code, error.message, said(error), data=error.data)
    if isinstance(error, ValidationError):  # where and why, never the value: it may be a password
        faults = [Fault(where=".".join(map(str, one["loc"])), message=one["msg"]) for one in error.errors]
        hint = "See /api/v1/openapi.json."
        return problem(422, "bad-request", "The request does not fit its description.", hint, errors=faults)
    if isinstance(error, HttpError):
        return _http(error)
    log.error("%s %s", request.method, request.path, exc_info=error)
    hint = "Nothing was changed. The operator finds the reason in the log."
    return problem(500, "broken", "Something broke on our side.", hint)


def _http(error: HttpError) -> HttpResponse:
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return problem(401, "bad-token", "This takes a token.", "Send it as `Authorization: Bearer kp_…`.")
    return problem(error.status_code, "bad-request", f"{error.message}.")


def add_handlers(api: NinjaAPI) -> None:
    """Each error of an operation becomes a problem."""
    for kind in (KindelpostError, HttpError, ValidationError, Exception):

        def handler(request: HttpRequest, error: Any) -> HttpResponse:  # noqa: ANN401 -- as ninja types it
            return _answer(request, error)

        api.add_exception_handler(kind, handler)
