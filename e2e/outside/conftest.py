"""The outside world, the resolver, SRS, MTA-STS and nginx as real processes, once for all of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.outside.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kindelpost.engines.facts import Facts

ROOT = Path("/var/tmp/kindelpost-e2e-outside")  # noqa: S108 -- engine accounts must reach it; made by root, removed at the end


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    running = Stage(ROOT, 26400)
    try:
        running.build()
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def facts(stage: Stage) -> Facts:
    return stage.facts
