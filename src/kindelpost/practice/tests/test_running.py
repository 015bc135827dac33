"""Checks run apart, a few at once, and one that hangs or dies costs only itself; workers share them."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kindelpost.lib.clock import now
from kindelpost.practice.leases import claim, due, next_run, release
from kindelpost.practice.models import CheckState
from kindelpost.practice.registry import PROVIDER, Result, Target, check, failed, passed
from kindelpost.practice.running import Pool
from kindelpost.practice.store import evidence
from kindelpost.practice.timers import sync

if TYPE_CHECKING:
    from time_machine import Traveller

    from kindelpost.engines.facts import Layout
    from kindelpost.practice.tests.conftest import Desk

forking = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # the test runner has threads


def test_a_check_is_claimed_once_and_given_back(desk: Desk, clock: Traveller) -> None:
    clock.shift(60)
    state = desk.state("P3.1")
    assert claim(state, "a", 20)
    assert not claim(state, "b", 20)
    assert not claim(state, "b", 20, forced=True)
    assert state not in due(now())
    release(state, "b")  # not its own
    assert not claim(state, "b", 20)
    release(state, "a")
    assert claim(state, "b", 20)


def test_a_worker_that_died_loses_its_claim(desk: Desk, clock: Traveller) -> None:
    clock.shift(60)
    state = desk.state("P3.1")
    assert claim(state, "a", 20)
    clock.shift(51)
    assert state in due(now())
    assert claim(state, "b", 20)


def test_what_was_just_run_is_not_due_but_can_be_asked_for(desk: Desk, clock: Traveller) -> None:
    clock.shift(60)
    state = desk.state("P3.1")
    CheckState.objects.filter(pk=state.pk).update(next_due=now() + timedelta(seconds=1))
    assert state not in due(now())
    assert not claim(state, "a", 20)
    assert claim(state, "a", 20, forced=True)


def test_the_next_run_comes_before_the_result_is_stale_and_not_at_once_with_others(desk: Desk) -> None:
    at, found = now(), desk.check("P3.1")
    waits = [(next_run(found, at, tried=True) - at).total_seconds() for _ in range(200)]
    assert 1800 <= min(waits) < 2000
    assert 2700 < max(waits) <= 2880


@pytest.fixture
def real(no_checks: None, instance: Layout, transactional_db: None) -> Pool:
    """Rows that other processes could see, and a pool of two."""
    return Pool(size=2)


def _declare(identity: str, run: object, *, timeout_s: int = 20, cost: str = "light") -> None:
    @check(identity, version=1, kind="does", ttl_s=600, expected="x", timeout_s=timeout_s, cost=cost)  # type: ignore[arg-type]  # light or heavy
    def tried(target: Target) -> Result:
        """It is tried."""
        return run(target)  # type: ignore[operator, no-any-return]  # a function of the test


def _all() -> dict[str, CheckState]:
    return {state.check_id: state for state in CheckState.objects.all()}


def hang(_target: Target) -> Result:
    time.sleep(600)
    return passed("never")


def die(_target: Target) -> Result:
    os.kill(os.getpid(), signal.SIGKILL)
    return passed("never")


def fail(_target: Target) -> Result:
    return failed("seen", details={"pid": os.getpid()})


@forking
def test_one_that_hangs_is_cut_off_and_one_that_dies_costs_only_itself(real: Pool) -> None:
    _declare("P3.1", hang, timeout_s=1)
    _declare("P3.2", die)
    _declare("P3.3", fail)
    sync()
    real.run(CheckState.objects.all())
    states = _all()
    assert {key: state.verdict for key, state in states.items()} == {"P3.1": "unknown", "P3.2": "unknown", "P3.3": "fail"}
    assert "cut off after 1 s" in states["P3.1"].observed
    assert "died" in states["P3.2"].observed
    assert {state.lease_owner for state in states.values()} == {""}
    assert evidence().verify().records == 4


@forking
def test_what_a_check_started_dies_with_it(real: Pool, tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def leave(_target: Target) -> Result:
        child = os.fork()
        if child == 0:
            time.sleep(600)
        note.write_text(str(child), encoding="utf-8")
        time.sleep(600)
        return passed("never")

    _declare("P3.1", leave, timeout_s=1)
    sync()
    real.run(CheckState.objects.all())
    left = int(note.read_text(encoding="utf-8"))
    end = time.monotonic() + 5
    while _alive(left) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _alive(left)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@forking
def test_step_never_waits_and_runs_no_more_than_its_size(real: Pool) -> None:
    for number in range(1, 5):
        _declare(f"P3.{number}", hang)
    sync()
    CheckState.objects.update(next_due=now())
    begun = time.monotonic()
    assert real.step() == 0
    real.step()
    assert time.monotonic() - begun < 2
    assert CheckState.objects.exclude(lease_owner="").count() == 2
    real.stop()
    assert CheckState.objects.exclude(lease_owner="").count() == 0


@forking
def test_heavy_ones_run_one_after_the_other(real: Pool) -> None:
    for number in range(1, 3):
        _declare(f"P3.{number}", hang, cost="heavy")
    _declare("P3.3", hang)
    sync()
    CheckState.objects.update(next_due=now())
    real.step()
    held = sorted(CheckState.objects.exclude(lease_owner="").values_list("check_id", flat=True))
    real.stop()
    assert "P3.3" in held
    assert len(held) == 2


@forking
def test_step_records_what_ended_and_does_not_run_it_again(real: Pool) -> None:
    _declare("P3.1", fail)
    sync()
    CheckState.objects.update(next_due=now())
    end = time.monotonic() + 10
    while not real.step() and time.monotonic() < end:
        time.sleep(0.02)
    for _ in range(5):
        assert real.step() == 0
    assert _all()["P3.1"].verdict == "fail"
    assert evidence().verify().records == 2
    assert PROVIDER.label in str(_all()["P3.1"])
