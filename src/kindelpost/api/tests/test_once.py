"""A request that comes twice under one key is carried out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kindelpost.api.models import KeptAnswer
from kindelpost.api.service import api
from kindelpost.api.shapes import MailboxMade
from kindelpost.tenants.models import Mailbox

if TYPE_CHECKING:
    from time_machine import Traveller

    from kindelpost.api.tests.conftest import Answer, Program

NEW = {"address": "uus@alfa.test"}


def _make(program: Program, key: str = "one", role: str = "alfa", body: object = None) -> Answer:
    return program.ask(role, "POST", "mailboxes", body or NEW, **{"Idempotency-Key": key})


def test_the_same_request_gets_the_kept_answer(program: Program) -> None:
    first, second = _make(program), _make(program)
    assert (first.status, second.status) == (201, 201)
    assert first.json == second.json, "with the password that was made"
    assert Mailbox.objects.filter(address__text="uus@alfa.test").count() == 1
    assert _make(program, key="two").status == 409, "another key is another request"


def test_another_request_under_the_same_key_is_refused(program: Program) -> None:
    _make(program)
    answer = _make(program, body={"address": "teine@alfa.test"})
    assert (answer.status, answer.json["code"]) == (422, "key-reused")
    assert not Mailbox.objects.filter(address__text="teine@alfa.test").exists()


def test_a_key_is_one_tokens(program: Program) -> None:
    _make(program)
    other = _make(program, role="beta", body={"address": "uus@beta.test"})
    assert (other.status, other.json["address"]) == (201, "uus@beta.test")


def test_what_was_refused_leaves_the_key_free(program: Program) -> None:
    new = {"address": "valja@alfa.test", "targets": ["keegi@mujal.example"]}
    key = {"Idempotency-Key": "k"}
    assert program.ask("alfa", "POST", "aliases", new, **key).status == 409
    assert program.ask("alfa", "POST", "aliases", {**new, "acknowledged": True}, **key).status == 201


def test_a_failure_half_way_leaves_neither_the_thing_nor_the_key(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(MailboxMade, "model_validate", lambda _fields: 1 / 0)
        assert _make(program).status == 500
    assert not Mailbox.objects.filter(address__text="uus@alfa.test").exists()
    assert _make(program).status == 201


def test_it_is_kept_sealed_and_for_a_day(program: Program, clock: Traveller) -> None:
    password = _make(program).json["password"]
    assert password
    assert password not in str(list(KeptAnswer.objects.values()))
    clock.shift(86_300)
    assert _make(program).status == 201
    clock.shift(200)
    assert _make(program).status == 409, "the key is forgotten; the mailbox is not"


def test_a_key_is_plain_text(program: Program) -> None:
    assert _make(program, key="x" * 129).status == 422


def test_every_post_takes_a_key() -> None:
    paths = api.get_openapi_schema(path_prefix="api/v1/")["paths"]
    posts = [operations["post"] for operations in paths.values() if "post" in operations]
    assert posts
    assert all("Idempotency-Key" in [one["name"] for one in post["parameters"]] for post in posts)
