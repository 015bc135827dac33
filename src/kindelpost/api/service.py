"""The API as one: its operations, its errors, its description (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from kindelpost.api.problem import MEDIA_TYPE, Problem, add_handlers
from kindelpost.api.resources import aliases, clients, domains, grants, journal, mailboxes, practice, status
from kindelpost.config.version import VERSION

__all__ = ["api"]

ABOUT = """\
The same things as in the portal and on the command line, for programs. Every request carries `Authorization: Bearer kp_…`.
A token belongs to the provider or to one client and reaches its own things alone: another's is answered as if it did not exist.
Errors are `application/problem+json` (RFC 9457). Lists come in pages. A POST with an `Idempotency-Key` is carried out once."""
ERRORS = {"4XX": "Refused, and why: nothing was changed.", "5XX": "The service failed; nothing was changed."}


class Described(NinjaAPI):
    """NinjaAPI whose description says how every operation fails."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> OpenAPISchema:
        """The document."""
        found = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        found["components"]["schemas"].update({**shape.pop("$defs"), "Problem": shape})
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in found["paths"].values():
            for operation in operations.values():
                answers = {str(code): said for code, said in operation["responses"].items()}
                for code, said in ERRORS.items():
                    answers[code] = {"description": said, "content": content}
                operation["responses"] = answers
        return found


api = Described(
    title="Kindelpost",
    version=VERSION,
    description=ABOUT,
    urls_namespace="api-v1",
    docs_url=None,
    docs_decorator=lambda view: csrf_exempt(require_safe(view)),
)
add_handlers(api)
for prefix, module in (
    ("/clients", clients),
    ("/domains", domains),
    ("/mailboxes", mailboxes),
    ("/aliases", aliases),
    ("/send-as", grants),
    ("", practice),
    ("/journal", journal),
    ("/status", status),
):
    api.add_router(prefix, module.router)
