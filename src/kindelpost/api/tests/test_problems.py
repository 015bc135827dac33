"""Whatever goes wrong, wherever, is told as application/problem+json, with the code of the refusal."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from kindelpost.api.resources import clients
from kindelpost.api.tests.conftest import Answer, Program
from kindelpost.conftest import PASSWORD
from kindelpost.lib.errors import EngineFault
from kindelpost.tenants.models import Alias


def _told(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.type, answer.json["code"]) == (status, "application/problem+json", code), answer.text
    assert answer.json["title"]
    assert answer.json["detail"]
    assert "kindelpost " not in answer.json["hint"], "a hint names what this door has"
    assert "--" not in answer.json["hint"]


@pytest.mark.parametrize("path", ["nothing", "mailboxes/", "mailboxes/a/b/c", "/api/", "/api/v2/mailboxes"])
def test_an_address_that_is_not_there(program: Program, path: str) -> None:
    _told(program.ask("alfa", "GET", path), 404, "not-found")


def test_a_method_that_is_not_there(program: Program) -> None:
    answer = program.ask("alfa", "PATCH", "mailboxes/mari@alfa.test")
    _told(answer, 405, "bad-method")
    assert {one.strip() for one in answer.headers["Allow"].split(",")} == {"GET", "DELETE"}
    _told(program.ask("alfa", "POST", "openapi.json"), 405, "bad-method")


@pytest.mark.parametrize("body", ["{", "[" * 5000, '"\\ud83d"', "", "null", "[]", "NaN"])
def test_a_body_that_is_not_json_or_not_the_shape(program: Program, body: str) -> None:
    answer = program.ask("alfa", "POST", "mailboxes", body)
    _told(answer, answer.status, "bad-request")
    assert answer.status in {400, 422}


def test_each_fault_is_named_and_no_value_is_repeated(program: Program) -> None:
    answer = program.ask(
        "alfa", "POST", "mailboxes", {"address": 7, "quota_bytes": -1, "password": [PASSWORD], "colour": "red"}
    )
    _told(answer, 422, "bad-request")
    assert {one["where"].rpartition(".")[2] for one in answer.json["errors"]} == {
        "address",
        "quota_bytes",
        "password",
        "colour",
    }
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("text", ["a\u0000b@alfa.test", "\ud800@alfa.test", "x" * 501, "", " "])
def test_text_that_no_name_can_be(program: Program, text: str) -> None:
    answer = program.ask("alfa", "POST", "mailboxes", {"address": text})
    assert (answer.status, answer.type) == (422, "application/problem+json")
    assert program.ask("alfa", "GET", "mailboxes?search=%00").status == 422
    assert program.ask("alfa", "GET", "mailboxes/%00@alfa.test").status == 422


def test_a_bug_tells_nothing_of_itself(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("the secret")

    monkeypatch.setattr(clients, "client_for", broken)
    answer = program.ask("alfa", "GET", "clients/alfa")
    _told(answer, 500, "broken")
    assert "secret" not in answer.text


def test_an_engine_that_failed_is_the_operators(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_args: object) -> None:
        raise EngineFault("disk-full", "The disk is full.", "Make room.")

    monkeypatch.setattr(clients, "client_for", silent)
    _told(program.ask("alfa", "GET", "clients/alfa"), 503, "disk-full")


def test_a_risk_is_told_and_taken_by_saying_so(program: Program) -> None:
    new = {"address": "valja@alfa.test", "targets": ["keegi@mujal.example"]}
    answer = program.ask("alfa", "POST", "aliases", new)
    _told(answer, 409, "needs-acknowledgement")
    assert "keegi@mujal.example" in answer.json["detail"]
    assert '"acknowledged": true' in answer.json["hint"]
    assert answer.json["data"] == {"targets": ["keegi@mujal.example"]}
    assert program.ask("alfa", "POST", "aliases", {**new, "acknowledged": True}).status == 201
    assert Alias.objects.get(address__text="valja@alfa.test").external_acknowledged


def test_refusals_keep_their_codes(program: Program) -> None:
    _told(program.ask("alfa", "POST", "mailboxes", {"address": "mari@alfa.test"}), 409, "taken")
    _told(program.ask("alfa", "PUT", "mailboxes/mari@alfa.test/password", {"password": "short"}), 422, "weak-password")
    _told(program.ask("provider", "DELETE", "domains/alfa.test"), 409, "not-empty")
    _told(program.ask("provider", "DELETE", "clients/alfa"), 409, "not-empty")
    _told(program.ask("alfa", "POST", "clients", {"slug": "x", "name": "x"}), 403, "not-allowed")


def test_no_cookie_and_no_password_opens_this_door(program: Program) -> None:
    browser = Browser(raise_request_exception=False, headers={"X-Real-IP": "198.51.100.7"})
    browser.cookies["__Host-session"] = "whatever"
    for headers in ({}, {"Authorization": "Basic YWxpY2U6cGFzc3dvcmQ="}, {"Authorization": "Bearer"}):
        answer = browser.get("/api/v1/mailboxes", headers=headers, secure=True, SERVER_NAME="mail.kindelpost.example")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert not answer.cookies


def test_a_wrong_host_is_a_problem_too(program: Program) -> None:
    answer = Browser(raise_request_exception=False).get("/api/v1/mailboxes", secure=True, SERVER_NAME="other.example")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
