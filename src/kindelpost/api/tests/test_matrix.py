"""Role by verb by object: no token reads or changes another's thing, nor one that is gone; no token, no answer (T33)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from kindelpost.api.service import api
from kindelpost.api.tests.conftest import ROLES, Program
from kindelpost.api.tests.matrix import CASES, TARGET, Case, Things, build
from kindelpost.journal.models import Entry
from kindelpost.tenants import models

OPERATIONS = sorted(
    operation["operationId"]
    for operations in api.get_openapi_schema(path_prefix="api/v1/")["paths"].values()
    for operation in operations.values()
)
STRANGERS = {"over", "revoked", "elsewhere", "none"}
FOREIGN = {"alfa": ("beta", "kalle", "hanna", "gama"), "beta": ("alfa", "mari", "juku", "gama")}
ALL = (
    models.Client,
    models.Domain,
    models.Address,
    models.Mailbox,
    models.Alias,
    models.AliasTarget,
    models.SendAsGrant,
    Entry,
)


def _all() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in ALL]


def _expected(case: Case, role: str, owner: str) -> int:
    if role in STRANGERS:
        return 401
    if role == "reader" and case.method != "GET":
        return 403
    client = "alfa" if role == "reader" else role
    if not case.shared and (owner == "gone" or client not in {"provider", owner}):
        return 404
    return case.ok if client == "provider" else case.for_own()


def _ask(program: Program, case: Case, role: str, owner: str, things: Things) -> None:
    before = _all()
    answer = program.ask(role, case.method, case.path(things), case.body(things))
    what = f"{role} asks for {owner}'s: {answer.text}"
    assert answer.status == _expected(case, role, owner), what
    if answer.status >= 400:
        assert answer.type == "application/problem+json", what
        assert answer.json["status"] == answer.status
        assert _all() == before, what
    elif role != "provider":
        client = "alfa" if role == "reader" else role
        seen = answer.text.replace(TARGET, "")
        assert not [word for word in FOREIGN[client] if word in seen], what


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_token_reaches_its_own_and_nothing_else(program: Program, operation: str) -> None:
    assert operation in CASES, f"{operation} is not in the matrix: say how it is asked in matrix.py"
    things = build(program.world)
    for role in ROLES:
        for owner, of in things.items():
            with transaction.atomic():
                _ask(program, CASES[operation], role, owner, of)
                transaction.set_rollback(True)


def test_the_matrix_names_no_operation_that_is_not_there() -> None:
    assert set(CASES) == set(OPERATIONS)


def test_what_only_the_provider_sees_of_the_practice_is_not_there_for_a_client(program: Program) -> None:
    assert program.ask("alfa", "GET", "checks/M3.4").status == 404
    assert program.ask("provider", "GET", "checks/M3.4").status == 200
    assert [one["id"] for one in program.ask("alfa", "GET", "checks").json["items"]] == ["P3.1", "P6.1"]


def test_anothers_thing_inside_ones_own_request_is_not_there(program: Program) -> None:
    new = {"address": "uus@alfa.test", "targets": ["mari@alfa.test"], "owner": "kalle@beta.test"}
    assert program.ask("alfa", "POST", "aliases", new).status == 404
    grant = {"mailbox": "mari@alfa.test", "address": "kalle@beta.test", "reason": "x", "expires_at": "2026-12-01T00:00:00Z"}
    assert program.ask("alfa", "POST", "send-as", grant).status == 404


def test_filters_reach_no_further_than_the_list(program: Program) -> None:
    for path in ("mailboxes?client=beta", "mailboxes?domain=beta.test", "domains?client=beta", "aliases?client=beta"):
        assert program.ask("alfa", "GET", path).json["items"] == [], path
    assert program.ask("alfa", "GET", "journal?client=beta").status == 404


def test_the_token_is_the_actor_in_the_journal(program: Program) -> None:
    program.ask("alfa", "POST", "mailboxes", {"address": "uus@alfa.test"})
    entry = Entry.objects.get(name="mailbox.created", subject_label="uus@alfa.test")
    assert (entry.actor_kind, entry.actor_label, entry.client_id) == ("client", "alfa", program.world.alfa.pk)
    assert entry.actor_id.startswith("machine/")
