"""When the worker asks root for client domains' certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kindelpost.engines import naming
from kindelpost.engines.naming import AGAIN, HOUR, Naming
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> list[str]:
    """What root was asked; `silent` in it makes root silent."""
    made: list[str] = []

    def ask(_layout: object, name: str) -> dict[str, list[str]]:
        if "silent" in made:
            raise EngineFault("helper-silent", "The helper does not answer.")
        made.append(name)
        return {"issued": ["firma.ee"]}

    settings.INSTANCE = tmp_path
    monkeypatch.setattr(naming, "ask", ask)
    return made


def test_it_asks_at_the_start_after_a_change_and_every_hour(asked: list[str]) -> None:
    moment = [1000.0]
    part = Naming(lambda: moment[0])
    for _ in range(3):
        part.step()
    assert asked == ["names"]
    part.want()
    part.step()
    assert asked == ["names"] * 2
    moment[0] += HOUR + 1
    part.step()
    assert asked == ["names"] * 3


def test_a_silent_helper_is_asked_again_soon(asked: list[str]) -> None:
    moment = [1000.0]
    part = Naming(lambda: moment[0])
    asked.append("silent")
    part.step()
    asked.clear()
    part.step()
    assert not asked
    moment[0] += AGAIN + 1
    part.step()
    assert asked == ["names"]
