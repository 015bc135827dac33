"""The reference page: the OpenAPI document for people, made here, without a script of anybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from kindelpost.api.problem import problem
from kindelpost.api.service import api

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpRequest, HttpResponse

__all__ = ["nothing", "page"]


@csrf_exempt
def nothing(_request: HttpRequest) -> HttpResponse:
    """Whatever else is asked below /api/."""
    return problem(404, "not-found", "There is nothing at this address.", "See /api/v1/.")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every operation, by its tag, with what goes in and out."""
    found = api.get_openapi_schema(path_prefix="api/v1/")
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_row(path, method, operation))
    shapes = [(name, list(_fields(shape))) for name, shape in sorted(found["components"]["schemas"].items())]
    return render(request, "api/reference.html", {"about": found["info"]["description"], "groups": groups, "shapes": shapes})


def _row(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    bodies = operation.get("requestBody", {}).get("content", {}).values()
    answers = [
        (status, kind, _type(content["schema"]))
        for status, answer in operation["responses"].items()
        for kind, content in answer.get("content", {"": {"schema": {}}}).items()
        if status.isdigit()
    ]
    return {
        **operation,
        "path": path,
        "method": method.upper(),
        "parameters": [{**one, "type": _type(one["schema"])} for one in operation["parameters"]],
        "body": [_type(body["schema"]) for body in bodies],
        "answers": answers,
    }


def _fields(shape: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, field in shape.get("properties", {}).items():
        needed = name in shape.get("required", ())
        yield {"name": name, "type": _type(field), "needed": needed, "description": field.get("description", "")}


def _type(schema: Mapping[str, Any]) -> str:
    """A type in words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for many in ("anyOf", "allOf"):
        if many in schema:
            return " | ".join(_type(one) for one in schema[many])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = str(schema.get("format") or schema.get("type", ""))
    return f"[{_type(schema['items'])}]" if kind == "array" else kind
