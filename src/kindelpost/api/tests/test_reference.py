"""The description is public, whole, and shown without anything of anybody else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from kindelpost.api.service import api

if TYPE_CHECKING:
    from kindelpost.api.tests.conftest import Program

PATHS = api.get_openapi_schema(path_prefix="api/v1/")["paths"]


def test_the_document_is_openapi_3_1_and_needs_no_token(program: Program) -> None:
    answer = program.ask("none", "GET", "openapi.json")
    assert answer.status == 200
    assert answer.json["openapi"].startswith("3.1")
    assert set(answer.json["paths"]) == set(PATHS)


@pytest.mark.parametrize("path", sorted(PATHS))
def test_every_operation_says_what_it_is_and_how_it_fails(path: str) -> None:
    for operation in PATHS[path].values():
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"] == [{"Bearer": []}]
        assert {"4XX", "5XX"} < set(operation["responses"])


def _refs(node: Any) -> set[str]:  # noqa: ANN401 -- JSON
    if isinstance(node, dict):
        return {node["$ref"]} if "$ref" in node else set().union(*map(_refs, node.values()))
    return set().union(*map(_refs, node)) if isinstance(node, list) else set()


def test_every_shape_that_is_named_is_there(program: Program) -> None:
    document = program.ask("none", "GET", "openapi.json").json
    assert {ref.rpartition("/")[2] for ref in _refs(document)} <= set(document["components"]["schemas"])


def test_the_reference_page_shows_every_operation_and_asks_nobody_else(program: Program) -> None:
    answer = program.ask("none", "GET", "/api/v1/")
    assert (answer.status, answer.type) == (200, "text/html; charset=utf-8")
    for operations in PATHS.values():
        for operation in operations.values():
            assert f'id="{operation["operationId"]}"' in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", answer.text)
    assert "<script>" not in answer.text
    assert "style=" not in answer.text
