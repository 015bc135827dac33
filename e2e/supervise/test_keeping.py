"""`kill -9` of anything: back within ten seconds. `down`: nothing left."""

from __future__ import annotations

import os
import pwd
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.supervise.scratch import ACCOUNT, PORT, Scratch, say
from kindelpost.engines import apply, sockets
from kindelpost.engines.members import members
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.e2e


def within(seconds: float, true: Callable[[], object]) -> float:
    begun = time.monotonic()
    while not true():
        assert time.monotonic() < begun + seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - begun


def start(scratch: Scratch) -> int:
    apply.install([scratch.engine], scratch.facts)
    scratch.control.start(scratch.table)
    apply.prove([scratch.engine], scratch.facts, scratch.control, scratch.table, settle=0.1)
    return scratch.control.states()["fake"].pid


def status(pid: int) -> dict[str, str]:
    return dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines() if ":\t" in line
    )


def test_a_process_runs_under_its_account_without_any_power(scratch: Scratch) -> None:
    pid = start(scratch)
    held = status(pid)
    assert held["Uid"].split()[0] == str(pwd.getpwnam(ACCOUNT).pw_uid)
    assert (held["NoNewPrivs"], int(held["CapBnd"], 16), int(held["CapEff"], 16)) == ("1", 0, 0)
    assert "SUPERVISOR_ENABLED" in Path(f"/proc/{pid}/environ").read_text(encoding="utf-8")
    assert "PYTEST_CURRENT_TEST" not in Path(f"/proc/{pid}/environ").read_text(encoding="utf-8")


def test_a_killed_master_comes_back_though_its_children_held_the_port(scratch: Scratch) -> None:
    pid = start(scratch)
    os.kill(pid, signal.SIGKILL)
    took = within(10, lambda: scratch.control.states()["fake"].pid not in {0, pid} and say(PORT))
    print(f"master killed: answers again after {took:.1f} s")
    assert scratch.control.states()["fake"].pid != pid


def test_a_killed_keeper_of_a_process_comes_back(scratch: Scratch) -> None:
    pid = start(scratch)
    keeper = int(status(pid)["PPid"])
    os.kill(keeper, signal.SIGKILL)
    took = within(10, lambda: scratch.control.states()["fake"].pid not in {0, pid} and say(PORT))
    print(f"keeper killed: answers again after {took:.1f} s")


def test_a_killed_supervisor_comes_back_with_everything(scratch: Scratch) -> None:
    pid = start(scratch)
    os.kill(int((scratch.control.run / "supervisor.pid").read_text().split()[0]), signal.SIGKILL)
    took = within(10, lambda: scratch.control.up() and scratch.control.states()["fake"].pid not in {0, pid} and say(PORT))
    print(f"supervisor killed: answers again after {took:.1f} s")


def test_down_leaves_nothing(scratch: Scratch) -> None:
    start(scratch)
    assert len(members(scratch.layout)) >= 6  # two keepers, the supervisor, a master, two children
    scratch.control.stop()
    assert members(scratch.layout) == {}
    assert str(scratch.layout.root) not in run(["ps", "-eo", "args"]).out
    assert not say(PORT)


def test_down_leaves_nothing_after_every_root_process_was_killed(scratch: Scratch) -> None:
    pid = start(scratch)
    for victim in [int((scratch.control.run / f"{name}.pid").read_text().split()[0]) for name in ("keeper", "supervisor")]:
        os.kill(victim, signal.SIGKILL)
    os.kill(int(status(pid)["PPid"]), signal.SIGKILL)
    scratch.control.stop()
    assert str(scratch.layout.root) not in run(["ps", "-eo", "args"]).out


def test_a_shell_in_the_folder_is_not_ours_to_end(scratch: Scratch) -> None:
    start(scratch)
    sleeper = os.spawnl(os.P_NOWAIT, "/bin/sh", "sh", "-c", f"cd {scratch.layout.root}; exec sleep 60")  # noqa: S606 -- a bystander
    try:
        scratch.control.stop()
        assert os.waitpid(sleeper, os.WNOHANG) == (0, 0)
    finally:
        os.kill(sleeper, signal.SIGKILL)
        os.waitpid(sleeper, 0)


def test_a_second_start_is_refused(scratch: Scratch) -> None:
    start(scratch)
    with pytest.raises(EngineFault, match="is running"):
        scratch.control.start(scratch.table)


DETACH = """
from pathlib import Path
from e2e.supervise.scratch import Scratch
from kindelpost.engines.facts import Layout
made = Scratch(Layout(Path({root!r})))
made.control.start(made.table)
"""


def test_a_start_holds_nothing_of_its_caller(scratch: Scratch) -> None:
    apply.install([scratch.engine], scratch.facts)
    script = DETACH.format(root=str(scratch.layout.root))
    # run() waits for the end of its pipes, so a process that had inherited one would let it time out
    run([sys.executable, "-c", script], timeout=15, env={"PYTHONPATH": ":".join(sys.path)})
    within(10, lambda: say(PORT))


def test_restart_and_a_changed_table_are_followed(scratch: Scratch) -> None:
    pid = start(scratch)
    scratch.control.restart("fake")
    again = scratch.control.states()["fake"].pid
    assert again not in {0, pid}
    assert scratch.control.update(scratch.table) == ()
    assert scratch.control.states()["fake"].pid == again
    assert scratch.control.update(()) == ("fake",)
    assert not say(PORT)


def test_every_listening_socket_is_accounted_for(scratch: Scratch) -> None:
    start(scratch)
    found = sockets.listening(scratch.layout)
    assert [(each.protocol, each.address, each.port, each.process, each.account) for each in found] == [
        ("tcp", "127.0.0.1", PORT, "fake", ACCOUNT)
    ]
    held = sockets.account_for(found, (), scratch.facts)
    assert held.unknown == found
    assert {process for process, _, _ in sockets.root_processes(scratch.layout).values()} == {"keeper", "supervisor"}
