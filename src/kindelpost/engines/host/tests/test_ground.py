from __future__ import annotations

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from kindelpost.engines.host import ground
from kindelpost.engines.host.snapshot import snapshot
from kindelpost.lib.errors import EngineFault, Refused


@pytest.fixture
def reachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    monkeypatch.setattr(ground, "LONGEST_ROOT", 200)
    return tmp_path


def test_a_folder_under_a_closed_one_is_refused_by_name(reachable: Path) -> None:
    closed = reachable / "home"
    closed.mkdir(mode=0o700)
    with pytest.raises(Refused, match=f"cannot pass through {closed} .*--dir /srv/kindelpost"):
        ground.check_folder(closed / "kp")


def test_a_folder_that_others_may_write_in_is_refused(reachable: Path) -> None:
    shared = reachable / "kp"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(Refused, match="others may write"):
        ground.check_folder(shared)


def test_a_path_too_long_for_unix_sockets_is_refused() -> None:
    with pytest.raises(Refused, match="too long for Unix sockets"):
        ground.check_folder(Path("/srv") / ("x" * 60))


def test_a_fit_folder_is_let_be(reachable: Path) -> None:
    ground.check_folder(reachable / "kp")


def test_a_full_disk_is_told_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 -- shutil's own is private
    monkeypatch.setattr(shutil, "disk_usage", lambda _where: usage(10**12, 10**12, 5 * 10**8))
    with pytest.raises(EngineFault, match="500 MB free"):
        ground.check_space(tmp_path / "not" / "there")


def test_not_being_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EngineFault, match="as root"):
        ground.check_root()


def test_the_code_is_copied_whole_once_and_readable(tmp_path: Path) -> None:
    first = snapshot(tmp_path / "code")
    copied = tmp_path / "code" / "kindelpost" / "engines" / "keeper.py"
    assert copied.stat().st_mode & 0o777 == 0o644
    assert not list((tmp_path / "code").rglob("test_*.py"))
    assert snapshot(tmp_path / "code") == first
