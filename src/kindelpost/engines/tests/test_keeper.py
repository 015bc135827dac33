from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kindelpost.engines import keeper

if TYPE_CHECKING:
    from pathlib import Path


def test_a_remembered_session_is_found_again(tmp_path: Path) -> None:
    out, into = os.pipe()
    if not (pid := os.fork()):
        os.setsid()
        os.close(into)
        os.read(out, 1)
        os._exit(0)
    os.close(out)
    while keeper.fields(pid)[3] != str(pid):
        pass
    keeper.remember(tmp_path / "it.pid", pid)
    assert keeper.leftovers(tmp_path / "it.pid") == {pid}
    os.close(into)
    os.waitpid(pid, 0)
    assert keeper.leftovers(tmp_path / "it.pid") == set()


def test_a_stranger_with_the_remembered_number_is_left_alone(tmp_path: Path) -> None:
    keeper.remember(tmp_path / "it.pid", os.getsid(0))
    leader, ticks, boot = (tmp_path / "it.pid").read_text(encoding="ascii").split()
    (tmp_path / "it.pid").write_text(f"{leader} {int(ticks or 1) - 1} {boot}", encoding="ascii")
    assert keeper.leftovers(tmp_path / "it.pid") == set()


def test_a_record_of_another_boot_means_nobody(tmp_path: Path) -> None:
    (tmp_path / "it.pid").write_text(f"{os.getsid(0)} {keeper.started(os.getsid(0))} another-boot", encoding="ascii")
    assert keeper.leftovers(tmp_path / "it.pid") == set()


def test_no_record_or_a_broken_one_means_nobody(tmp_path: Path) -> None:
    (tmp_path / "it.pid").write_text("1", encoding="ascii")
    assert keeper.leftovers(tmp_path / "it.pid") == set()
    assert keeper.leftovers(tmp_path / "none.pid") == set()
