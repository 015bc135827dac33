from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.hands import attempt as module
from kindelpost.hands.attempt import attempt
from kindelpost.lib.run import run

if TYPE_CHECKING:
    import pytest


def test_a_file_is_opened_and_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("kept", encoding="utf-8")
    assert attempt("read", str(file)) == "done"
    assert attempt("write", str(file)) == "done"
    assert file.read_text(encoding="utf-8") == "kept"


def test_what_is_not_there_or_no_path_says_so(tmp_path: Path) -> None:
    assert attempt("read", str(tmp_path / "none")) == "ENOENT"
    assert attempt("read", "a\0b") == "EINVAL"
    assert attempt("connect", str(tmp_path / ("x" * 200))) == "EUNKNOWN"  # longer than a socket's path may be


def test_a_folder_is_listed_and_asked_whether_a_file_can_be_made(tmp_path: Path) -> None:
    assert attempt("list", str(tmp_path)) == "done"
    assert attempt("write", str(tmp_path)) == "done"
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_that_nobody_reads_does_not_hold_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert attempt("write", str(tmp_path / "pipe")) == "ENXIO"
    assert attempt("read", str(tmp_path / "pipe")) == "done"


def test_a_socket_is_reached_also_when_nobody_listens_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door")
        assert attempt("connect", "door") == "ECONNREFUSED"
        door.listen()
        assert attempt("connect", "door") == "done"


def test_as_a_program_it_answers_each_path_in_order(tmp_path: Path) -> None:
    paths = [str(tmp_path / "none"), str(tmp_path)]
    said = run([sys.executable, "-I", "-S", Path(module.__file__), "list"], stdin=json.dumps(paths)).out
    assert json.loads(said) == ["ENOENT", "done"]
