"""The helper does what is on its list, for the account that may ask, and hears nobody else."""

from __future__ import annotations

import json
import os
import socket
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from kindelpost.hands import daemon, look
from kindelpost.hands.attempt import attempt
from kindelpost.hands.look import Look
from kindelpost.lib.errors import Refused
from kindelpost.lib.run import Finished

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def helper(tmp_path: Path) -> Look:
    (tmp_path / "run" / "hands").mkdir(parents=True)
    made = Look(tmp_path)
    made.remember(programs={"echo": ["/bin/echo", "tere"]}, outside={})
    return made


def asked(helper: Look, line: bytes, *, allowed: bool = True) -> bytes:
    ours, theirs = socket.socketpair()
    ours.sendall(line)
    ours.shutdown(socket.SHUT_WR)
    daemon.answer(theirs, helper.call, {os.getuid()} if allowed else {os.getuid() + 1})
    with ours, suppress(ConnectionResetError):  # what it never read
        return ours.recv(65536)
    return b""


def test_a_remembered_program_is_run_and_told(helper: Look) -> None:
    reply = json.loads(asked(helper, b'{"verb": "ask", "words": {"name": "echo"}}\n'))
    assert reply == {"result": {"code": 0, "out": "tere\n", "err": ""}}


def test_who_may_not_ask_hears_nothing(helper: Look) -> None:
    assert asked(helper, b'{"verb": "ask", "words": {"name": "echo"}}\n', allowed=False) == b""


@pytest.mark.parametrize(
    "request_line",
    [
        b"{}\n",
        b"[]\n",
        b"no json\n",
        b'{"verb": "remember", "words": {}}\n',
        b'{"verb": "__init__"}\n',
        b'{"verb": "ask", "words": {"name": "other"}}\n',
        b'{"verb": "ask", "words": {"name": "../x"}}\n',
        b'{"verb": "ask", "words": {"name": "echo", "more": 1}}\n',
        b'{"verb": "ask", "words": 1}\n',
        b'{"verb": "outside-socket", "words": {"host": 1}}\n',
        b'{"verb": "try-as", "words": {"account": "root", "act": "read", "paths": []}}\n',
        b'{"verb": "try-as", "words": {"account": "kp-sts", "act": "unlink", "paths": []}}\n',
        b'{"verb": "try-as", "words": {"account": "kp-sts", "act": "read", "paths": ["/etc/shadow"]}}\n',
        b'{"verb": "try-as", "words": {"account": "kp-sts", "act": "read", "paths": ["a/../../b"]}}\n',
        b'{"verb": "ask", "words": {"name": "echo"}}',
        b"x" * 70_000 + b"\n",
    ],
)
def test_whatever_else_is_asked_is_an_error_and_nothing_is_done(helper: Look, request_line: bytes) -> None:
    assert "error" in json.loads(asked(helper, request_line))


def test_an_account_is_entered_with_no_right_but_its_own(helper: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def run(argv: list[str], *, stdin: str) -> Finished:
        seen.extend([*argv, stdin])
        return Finished(tuple(argv), 0, '["EACCES"]', "")

    monkeypatch.setattr(look, "run", run)
    assert helper.call("try-as", account="kp-sts", act="read", paths=["secrets/a"]) == {"secrets/a": "EACCES"}
    assert {"--reuid=kp-sts", "--regid=kp-sts", "--init-groups", "--inh-caps=-all", "--bounding-set=-all"} <= set(seen)
    assert json.loads(seen[-1]) == [str(helper.root / "secrets" / "a")]


def test_the_remembered_words_are_roots_alone(helper: Look) -> None:
    assert helper.known.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refused):
        helper.remember(programs={"a b": ["/bin/true"]}, outside={})


def test_a_socket_is_passed_to_the_caller(helper: Look) -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(b'{"verb": "any"}\n')
    daemon.answer(theirs, lambda _verb, **_words: socket.socket(socket.AF_UNIX), {os.getuid()})
    with ours:
        said, handles, _flags, _address = socket.recv_fds(ours, 1000, 2)
    assert json.loads(said) == {"result": None, "descriptor": True}
    (handle,) = handles
    assert stat.S_ISSOCK(os.fstat(handle).st_mode)
    os.close(handle)


def test_an_attempt_names_what_stood_in_its_way(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    assert attempt("read", str(tmp_path / "a")) == "done"
    assert attempt("list", str(tmp_path)) == "done"
    assert attempt("read", str(tmp_path / "none")) == "ENOENT"
    assert attempt("write", str(tmp_path)) == "EISDIR"
    assert attempt("write", str(tmp_path / "pipe")) == "ENXIO"  # nobody reads it: it does not wait
    assert attempt("connect", str(tmp_path / "a")) == "ECONNREFUSED"
