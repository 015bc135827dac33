from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines import keeper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def leader() -> Iterator[int]:
    """A process that leads a session of its own: the tests' own leader may be outside their pid namespace."""
    out, into = os.pipe()
    if not (pid := os.fork()):
        os.setsid()
        os.close(into)
        os.read(out, 1)
        os._exit(0)
    os.close(out)
    while keeper.fields(pid)[3] != str(pid):
        pass
    yield pid
    os.close(into)
    os.waitpid(pid, 0)


def test_a_remembered_session_is_found_again_until_it_ends(tmp_path: Path, leader: int) -> None:
    keeper.remember(tmp_path / "it.pid", leader)
    assert keeper.leftovers(tmp_path / "it.pid") == {leader}
    os.kill(leader, signal.SIGKILL)
    while keeper.fields(leader):
        pass
    assert keeper.leftovers(tmp_path / "it.pid") == set()


def test_a_stranger_with_the_remembered_number_is_left_alone(tmp_path: Path, leader: int) -> None:
    keeper.remember(tmp_path / "it.pid", leader)
    number, ticks, boot = (tmp_path / "it.pid").read_text(encoding="ascii").split()
    (tmp_path / "it.pid").write_text(f"{number} {int(ticks) - 1} {boot}", encoding="ascii")
    assert keeper.leftovers(tmp_path / "it.pid") == set()


def test_a_record_of_another_boot_means_nobody(tmp_path: Path, leader: int) -> None:
    (tmp_path / "it.pid").write_text(f"{leader} {keeper.started(leader)} another-boot", encoding="ascii")
    assert keeper.leftovers(tmp_path / "it.pid") == set()


def test_no_record_or_a_broken_one_means_nobody(tmp_path: Path) -> None:
    (tmp_path / "it.pid").write_text("1", encoding="ascii")
    assert keeper.leftovers(tmp_path / "it.pid") == set()
    assert keeper.leftovers(tmp_path / "none.pid") == set()
