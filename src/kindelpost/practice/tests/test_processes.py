"""Several processes write one chain; one that is killed leaves a chain that verifies."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.lib.run import run, start
from kindelpost.practice.tests import appending

if TYPE_CHECKING:
    from kindelpost.practice.evidence import Store

SRC = Path(__file__).parents[3]


def _argv(store: Store, count: int, batch: int, label: str) -> list[str]:
    return [sys.executable, "-P", appending.__file__, str(store.folder.parent), str(count), str(batch), label]


def test_processes_that_append_at_once_leave_one_whole_chain(store: Store) -> None:
    def write(label: str) -> None:
        run(_argv(store, 60, 3, label), env={"PYTHONPATH": str(SRC)})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcd"))
    report = store.verify()
    assert (report.records, report.shown) == (241, 241)


def test_a_writer_killed_at_any_moment_leaves_a_chain_that_verifies(store: Store, tmp_path: Path) -> None:
    for round_ in range(3):
        writers = [start(_argv(store, 10**6, 2, word), log=tmp_path / "log", env={"PYTHONPATH": str(SRC)}) for word in "ab"]
        size = _size(store)
        while _size(store) < size + 20_000 * (round_ + 1):
            time.sleep(0.01)
        for writer in writers:
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
        store.append(appending.body(round_, "after"))
        assert store.verify().records > 20


def _size(store: Store) -> int:
    return sum(path.stat().st_size for path in store.folder.glob("*.jsonl"))
