"""A change of configuration goes through whole or not at all, whatever happens between two steps."""

from __future__ import annotations

import os
import signal
import time
from typing import TypedDict

import pytest

from e2e.supervise.scratch import PORT, Scratch, say
from kindelpost.engines import apply
from kindelpost.engines.apply import apply_engine
from kindelpost.lib.errors import EngineFault


class Fast(TypedDict):
    patience: float
    settle: float


pytestmark = pytest.mark.e2e
FAST = Fast(patience=3.0, settle=0.2)


@pytest.fixture
def running(scratch: Scratch) -> Scratch:
    apply.install([scratch.engine], scratch.facts)
    scratch.control.start(scratch.table)
    apply.prove([scratch.engine], scratch.facts, scratch.control, scratch.table, **FAST)
    return scratch


def change(scratch: Scratch, **more: object) -> apply.Applied:
    scratch.told |= more
    return apply_engine(scratch.engine, scratch.facts, scratch.control, scratch.table, **FAST)


def test_a_change_is_taken_up_by_reload_and_the_master_stays(running: Scratch) -> None:
    pid = running.control.states()["fake"].pid
    assert change(running, word="two").changed
    assert say(PORT).startswith("two")
    assert running.control.states()["fake"].pid == pid


def test_nothing_is_done_twice(running: Scratch) -> None:
    assert not change(running).changed


def test_without_a_reload_it_is_restarted(running: Scratch) -> None:
    running.has_reload = False
    assert change(running, word="two").changed
    assert say(PORT).startswith("two")


def test_a_moved_listener_restarts(running: Scratch) -> None:
    assert change(running, port=PORT + 1).changed
    assert (say(PORT), say(PORT + 1).split(" ")[0]) == ("", "one")


def test_a_refused_configuration_changes_nothing(running: Scratch) -> None:
    running.complaints.append("line 3: unknown setting")
    with pytest.raises(EngineFault, match=r"refuses.*unknown setting.*Nothing was changed"):
        change(running, word="two")
    running.complaints.clear()
    assert say(PORT).startswith("one")
    assert len(list((running.layout.root / "etc" / ".versions").glob("fake-*"))) == 1


@pytest.mark.parametrize("sick", ["silent", "dies"])
def test_a_configuration_that_does_not_work_is_put_back(running: Scratch, sick: str) -> None:
    running.told |= {"sick": sick}

    def tell(_engine: str, step: str) -> None:
        if step == "put-back":
            running.told |= {"sick": ""}  # the probe asks for what is live

    with pytest.raises(EngineFault, match=r"did not answer within 3 s.*old configuration is back and answers"):
        apply_engine(running.engine, running.facts, running.control, running.table, **FAST, tell=tell)
    assert say(PORT).startswith("one")
    assert not change(running).changed  # and it is proved


@pytest.mark.parametrize("step", ["stage", "validate", "mark", "swap", "reload", "probe", "settle"])
def test_killed_between_two_steps_the_next_run_mends_it(running: Scratch, step: str) -> None:
    def tell(_engine: str, now: str) -> None:
        if now == step:
            os.kill(os.getpid(), signal.SIGKILL)

    running.told |= {"word": "two"}
    if not (pid := os.fork()):
        apply_engine(running.engine, running.facts, running.control, running.table, **FAST, tell=tell)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    until = time.monotonic() + 2  # a connection that was open while it read its configuration again is closed
    while not (said := say(PORT)) and time.monotonic() < until:
        time.sleep(0.05)
    assert said.split(" ")[0] in {"one", "two"}  # it serves on, with the whole old or the whole new one
    assert change(running).changed
    assert say(PORT).startswith("two")
    assert not list((running.layout.root / "etc").glob(".applying-*"))


@pytest.mark.parametrize("step", ["swap", "reload", "probe"])
def test_killed_on_trial_of_a_sick_one_the_next_start_puts_the_old_back(running: Scratch, step: str) -> None:
    def tell(_engine: str, now: str) -> None:
        if now == step:
            os.kill(os.getpid(), signal.SIGKILL)

    running.told |= {"sick": "dies"}
    if not (pid := os.fork()):
        apply_engine(running.engine, running.facts, running.control, running.table, **FAST, tell=tell)
        os._exit(0)
    os.waitpid(pid, 0)
    running.control.stop()
    apply.install([running.engine], running.facts)
    running.control.start(running.table)
    with pytest.raises(EngineFault, match="old configuration is back and answers"):
        apply.prove([running.engine], running.facts, running.control, running.table, **FAST)
    assert say(PORT).startswith("one")


def test_files_changed_on_the_disk_are_put_right(running: Scratch) -> None:
    file = running.layout.etc("fake") / "fake.json"
    file.write_text('{"port": 44001, "word": "intruder", "sick": ""}', encoding="utf-8")
    assert change(running).changed
    assert "intruder" not in file.read_text(encoding="utf-8")


def test_three_versions_are_kept(running: Scratch) -> None:
    for word in ("two", "three", "four", "five"):
        change(running, word=word)
    assert len(list((running.layout.root / "etc" / ".versions").glob("fake-*"))) == 3
