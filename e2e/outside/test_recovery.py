"""Each process comes back after `kill -9`, and reads its configuration again when told to."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from kindelpost.lib.run import run

if TYPE_CHECKING:
    from e2e.outside.stage import Stage

PROCESSES = ("outside-dns", "outside-sink", "unbound", "srs", "sts", "nginx")


@pytest.mark.parametrize("name", PROCESSES)
def test_a_killed_process_is_back_within_ten_seconds(stage: Stage, name: str) -> None:
    killed = stage.supervisor.states()[name].pid
    os.kill(killed, signal.SIGKILL)
    until = time.monotonic() + 10
    while not back(stage, name, killed):
        assert time.monotonic() < until, stage.supervisor.states()[name]
        time.sleep(0.1)


@pytest.mark.parametrize("name", ["unbound", "nginx"])
def test_a_reload_keeps_the_process_and_its_answers(stage: Stage, name: str) -> None:
    before = stage.supervisor.states()[name].pid
    process = next(row for engine in stage.engines for row in engine.processes(stage.facts) if row.name == name)
    run(process.reload)
    assert back(stage, name, 0)
    assert stage.supervisor.states()[name].pid == before


def back(stage: Stage, name: str, killed: int) -> bool:
    """Whether it runs as another process than `killed`, and its engine's probe is content."""
    engine = next(engine for engine in stage.engines if any(row.name == name for row in engine.processes(stage.facts)))
    state = stage.supervisor.states()[name]
    return state.state == "ready" and state.pid not in {0, killed} and engine.probe(stage.facts).ok
