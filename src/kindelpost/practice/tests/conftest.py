"""A registry of the test's own, and evidence in a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from kindelpost.practice import queries, registry
from kindelpost.practice.evidence import Store
from kindelpost.practice.registry import PROVIDER, Result, Target, check, get_check, passed
from kindelpost.practice.timers import sync

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout
    from kindelpost.practice.models import CheckState
    from kindelpost.practice.registry import Check

ALFA, BETA = "alfa.test", "beta.test"


@dataclass
class Desk:
    """Two checks: P3.1 of the provider, P6.1 of each client's domain; `say` is what they find next."""

    world: World
    found: Callable[[Target], Result] = field(default=lambda _target: passed("fine"))
    gone: set[str] = field(default_factory=set)
    broken: bool = False

    def domains(self) -> list[Target]:
        if self.broken:
            raise RuntimeError("no answer")
        both = ((self.world.domain, self.world.alfa, 2), (self.world.other_domain, self.world.beta, 1))
        return [
            Target("domain", str(domain.pk), domain.name, client.pk, client.slug, boxes)
            for domain, client, boxes in both
            if domain.name not in self.gone
        ]

    def say(self, result: Result) -> None:
        self.found = lambda _target: result

    @staticmethod
    def check(identity: str) -> Check:
        found = get_check(identity)
        assert found is not None
        return found

    @staticmethod
    def state(identity: str, label: str = PROVIDER.label) -> CheckState:
        from kindelpost.practice.models import CheckState  # noqa: PLC0415 -- needs Django set up

        return CheckState.objects.get(check_id=identity, target_label=label)


@pytest.fixture
def no_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


@pytest.fixture
def no_checks_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """But two of a clause that the desk does not try."""
    monkeypatch.setattr(queries, "awaited", lambda: {"P1.1": "backup", "P1.2": "backup"})


@pytest.fixture
def desk(no_checks: None, no_checks_awaited: None, instance: Layout, world: World) -> Desk:
    made = Desk(world)

    @check("P3.1", version=2, kind="does", ttl_s=3600, expected="refused", timeout_s=20)
    def virus(target: Target) -> Result:
        """A virus is refused."""
        return made.found(target)

    @check("P6.1", version=1, kind="does", ttl_s=600, expected="553", target="domain", targets=made.domains)
    def forged(target: Target) -> Result:
        """A forged sender is refused."""
        return made.found(target)

    sync()
    return made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", tmp_path / "evidence.key", collector="mx.test")
