"""The people and things of every test: Alice and Bob of the client alfa, Carl of beta, Dora of the provider."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine
from hypothesis import settings as hypothesis_settings

from kindelpost.engines.facts import Layout
from kindelpost.journal.actor import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django import Settings

    from kindelpost.tenants.models import Client, Domain, Mailbox

PASSWORD = "kadakas-ja-kivi-2026"  # noqa: S105 -- made up
# What decides whether a change lands is the same each time; whoever works on it tries something else at every run.
hypothesis_settings.register_profile("landing", derandomize=True)
if os.environ.get("CI"):
    hypothesis_settings.load_profile("landing")
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    alfa: Client
    beta: Client
    domain: Domain  # alfa.test
    other_domain: Domain  # beta.test
    mari: Mailbox  # mari@alfa.test
    juku: Mailbox  # juku@alfa.test
    kalle: Mailbox  # kalle@beta.test
    alice: Actor  # administrator of alfa
    bob: Actor  # her help desk
    carl: Actor  # administrator of beta
    dora: Actor  # the provider


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still; `clock.shift(seconds)` moves it."""
    with time_machine.travel(MOMENT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def instance(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """An empty instance with the folders that the launcher makes; no engine is asked what it knows (e2e/ does)."""
    from kindelpost.engines import known  # noqa: PLC0415 -- needs Django set up
    from kindelpost.engines.tables import Lmdb  # noqa: PLC0415 -- needs Django set up

    layout = Layout(tmp_path)
    for folder in (layout.data("control"), *(layout.maps(name) for name in ("postfix", "dovecot", "rspamd", "nginx"))):
        folder.mkdir(parents=True)
    settings.INSTANCE = tmp_path
    settings.KEY_FILE = layout.data("control") / "field.key"
    monkeypatch.setattr(
        known, "_postfix_knows", lambda table, key: key in Lmdb(layout.maps("postfix") / f"{table}.lmdb").read()
    )
    return layout


@pytest.fixture
def world(db: None, clock: time_machine.Traveller) -> World:  # noqa: ARG001 -- they prepare the ground
    from kindelpost.tenants.actions import create_client, create_domain, create_mailbox  # noqa: PLC0415 -- needs Django set up

    dora = Actor("provider", "dora", "Dora")
    alfa, beta = (create_client(slug, slug.title(), actor=dora) for slug in ("alfa", "beta"))
    domain, other = create_domain(alfa, "alfa.test", actor=dora), create_domain(beta, "beta.test", actor=dora)

    def box(home: Domain, local: str) -> Mailbox:
        return create_mailbox(home, local, password=PASSWORD, quota_bytes=2 * 10**9, actor=dora)

    return World(
        alfa=alfa,
        beta=beta,
        domain=domain,
        other_domain=other,
        mari=box(domain, "mari"),
        juku=box(domain, "juku"),
        kalle=box(other, "kalle"),
        alice=Actor("client", "alice", "Alice", alfa.pk),
        bob=Actor("client", "bob", "Bob", alfa.pk),
        carl=Actor("client", "carl", "Carl", beta.pk),
        dora=dora,
    )
