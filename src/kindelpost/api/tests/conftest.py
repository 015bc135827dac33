"""A program with a token: the provider's, alfa's, beta's, one that only reads, one that is over, one from elsewhere, none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client as Browser

from kindelpost.accounts.actions import add_token, revoke_token
from kindelpost.practice import registry
from kindelpost.practice.registry import Target, check, passed
from kindelpost.practice.timers import sync

if TYPE_CHECKING:
    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout

HERE, THERE = "198.51.100.7", "203.0.113.9"
ROLES = ("provider", "alfa", "beta", "reader", "over", "revoked", "elsewhere", "none")


@dataclass(frozen=True)
class Answer:
    status: int
    type: str
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 -- JSON
        return json.loads(self.text)


@dataclass(frozen=True)
class Program:
    """Asks the API as the portal's server would be asked."""

    tokens: dict[str, str]
    world: World
    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=False))

    def ask(self, role: str, method: str, path: str, body: object = None, **headers: str) -> Answer:
        token = self.tokens[role]
        if token:
            headers["Authorization"] = f"Bearer {token}"
        headers["X-Real-IP"] = THERE if role == "elsewhere" else HERE
        sent = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        address = path if path.startswith("/") else f"/api/v1/{path}"
        response = self.browser.generic(
            method, address, sent, "application/json", headers=headers, secure=True, SERVER_NAME="mail.kindelpost.example"
        )
        content = b"".join(response) if response.streaming else response.content
        return Answer(response.status_code, response.get("Content-Type", ""), dict(response.items()), content.decode())


@pytest.fixture
def desk(world: World, instance: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """P3.1 of the provider, M3.4 that only the provider sees, P6.1 of each client's domain;."""
    monkeypatch.setattr(registry, "_registered", {})
    pairs = ((world.domain, world.alfa), (world.other_domain, world.beta))
    domains = [Target("domain", str(domain.pk), domain.name, client.pk, client.slug, 1) for domain, client in pairs]
    for identity in ("P3.1", "M3.4"):
        check(identity, version=1, kind="does", ttl_s=600, expected="refused")(_fine)
    check("P6.1", version=1, kind="does", ttl_s=600, expected="553", target="domain", targets=lambda: domains)(_fine)
    sync()


def _fine(_target: Target) -> Any:  # noqa: ANN401 -- a result
    """It is tried."""
    return passed("fine")


@pytest.fixture
def program(world: World, desk: None) -> Program:
    alfa, beta = world.alfa.pk, world.beta.pk

    def made(name: str, client_id: int | None, *scopes: str) -> str:
        return add_token(name, scopes=scopes, networks=["198.51.100.0/24"], days=30, client_id=client_id, actor=world.dora)[1]

    revoked, text = add_token(
        "revoked", scopes=["read", "write"], networks=["198.51.100.0/24"], days=30, client_id=alfa, actor=world.dora
    )
    revoke_token(revoked, actor=world.dora)
    tokens = {
        "provider": made("provider", None, "read", "write"),
        "alfa": made("alfa", alfa, "read", "write"),
        "beta": made("beta", beta, "read", "write"),
        "reader": made("reader", alfa, "read"),
        "over": made("over", alfa, "read", "write"),
        "revoked": text,
        "none": "",
    }
    tokens["elsewhere"] = tokens["alfa"]
    _end(world, "over")
    return Program(tokens, world)


def _end(world: World, name: str) -> None:
    from kindelpost.accounts.models import Token  # noqa: PLC0415 -- needs Django set up
    from kindelpost.lib.clock import now  # noqa: PLC0415 -- with the test's clock

    Token.objects.filter(name=name).update(expires_at=now())
