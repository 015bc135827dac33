from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines.facts import Layout
from kindelpost.engines.host import ground
from kindelpost.engines.instance import alone, make_evaluation, numbers, open_instance
from kindelpost.lib.errors import EngineFault, Refused

if TYPE_CHECKING:
    from pathlib import Path

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may make an instance")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    monkeypatch.setattr(ground, "LONGEST_ROOT", 200)
    return tmp_path / "here"


@pytest.mark.parametrize(("said", "read"), [("3.7.11", (3, 7, 11)), ("2.3.19.1 (9b53102964)", (2, 3, 19, 1)), ("v8", (8,))])
def test_a_version_is_read_as_integers(said: str, read: tuple[int, ...]) -> None:
    assert numbers(said) == read


def test_no_version_is_a_fault() -> None:
    with pytest.raises(EngineFault, match="is no version"):
        numbers("unknown")


@AS_ROOT
def test_an_evaluation_is_made_once(root: Path) -> None:
    assert make_evaluation(root, port_base=21000)
    assert not make_evaluation(root, port_base=22000)
    service = open_instance(root).service
    assert (service.evaluation, service.listen.port_base, service.dns.outside) == (True, 21000, True)


@AS_ROOT
@pytest.mark.parametrize(("hostname", "port_base"), [("not a name", 21000), ("mail.kp.example", 70000)])
def test_a_wrong_wish_is_refused_before_anything_is_written(root: Path, hostname: str, port_base: int) -> None:
    with pytest.raises(Refused, match="cannot be used"):
        make_evaluation(root, hostname=hostname, port_base=port_base)
    assert not root.exists()


@AS_ROOT
def test_a_folder_with_other_files_is_left_alone(root: Path) -> None:
    root.mkdir()
    (root / "thesis.txt").touch()
    with pytest.raises(Refused, match="no instance"):
        make_evaluation(root)


@AS_ROOT
def test_a_folder_of_a_newer_program_is_left_alone(root: Path) -> None:
    make_evaluation(root)
    (root / "state.json").write_text('{"form": 99, "version": "9.0"}', encoding="utf-8")
    with pytest.raises(Refused, match="newer Kindelpost"):
        open_instance(root)


def test_a_missing_instance_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="kindelpost up"):
        open_instance(tmp_path)


def test_two_commands_do_not_change_one_instance_at_once(tmp_path: Path) -> None:
    with alone(Layout(tmp_path)), pytest.raises(EngineFault, match="Another kindelpost command"), alone(Layout(tmp_path)):
        pytest.fail("both were let in")
