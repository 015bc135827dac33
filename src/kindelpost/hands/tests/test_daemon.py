from __future__ import annotations

import json
import os
import socket
import time
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from kindelpost.hands.daemon import REQUEST_BYTES, answer, open_door, peer
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

US = {os.getuid()}


def spoken(raw: bytes, *, allowed: set[int] = US, seconds: float = 5.0, end: bool = False) -> Any:  # noqa: ANN401 -- JSON
    """What a caller that sends `raw` hears."""

    def call(verb: str, **words: object) -> object:
        if verb == "refuse":
            raise Refused("hands-word", "Not that one.", "Another.")
        return {"verb": verb, **words}

    ours, theirs = socket.socketpair()
    worker = Thread(target=answer, args=(theirs, call, allowed), kwargs={"seconds": seconds})
    worker.start()
    with ours:
        ours.settimeout(10)
        try:
            ours.sendall(raw)
            if end:
                ours.shutdown(socket.SHUT_WR)
            heard = b"".join(iter(lambda: ours.recv(65_536), b""))
        except (BrokenPipeError, ConnectionResetError):
            heard = b""
        worker.join()
    return json.loads(heard) if heard else None


def test_a_request_is_carried_out() -> None:
    assert spoken(b'{"verb": "look", "words": {"at": 1}}\n') == {"result": {"verb": "look", "at": 1}}


def test_a_refusal_is_told_with_its_hint() -> None:
    assert spoken(b'{"verb": "refuse"}\n') == {"error": {"code": "hands-word", "message": "Not that one.", "hint": "Another."}}


def test_a_stranger_is_not_heard() -> None:
    assert spoken(b'{"verb": "look"}\n', allowed={os.getuid() + 1}) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"no json\n",
        b"[]\n",
        b'"look"\n',
        b"{}\n",
        b'{"verb": "look", "words": []}\n',
        b'{"verb": "look", "words": {"verb": "x"}}\n',
        b"\xff\xfe\n",
        b"[" * 200_000 + b"\n",
    ],
)
def test_what_is_no_request_is_answered_and_harms_nobody(raw: bytes) -> None:
    assert spoken(raw)["error"]["code"] == "hands-request"


def test_half_a_request_is_none() -> None:
    assert spoken(b'{"verb": "look"}', end=True)["error"]["code"] == "hands-request"


def test_a_caller_that_drips_is_cut_off() -> None:
    begun = time.monotonic()
    assert spoken(b'{"verb', seconds=0.2)["error"]["code"] == "hands-request"
    assert time.monotonic() - begun < 3


def test_a_huge_request_is_cut_off() -> None:
    said = spoken(b" " * (REQUEST_BYTES + 70_000))
    assert said is None or said["error"]["code"] == "hands-request"


def test_a_socket_travels_as_a_descriptor_and_the_helper_keeps_none() -> None:
    made = socket.socket(socket.AF_UNIX)
    ours, theirs = socket.socketpair()
    with ours:
        ours.sendall(b'{"verb": "give"}\n')
        answer(theirs, lambda _verb: made, US)
        data, handles, _flags, _address = socket.recv_fds(ours, 1000, 2)
        assert json.loads(data) == {"result": None, "descriptor": True}
        assert len(handles) == 1
        os.close(handles[0])
    assert made.fileno() == -1


def test_the_door_is_for_its_folders_group_alone_and_replaces_an_old_one(tmp_path: Path) -> None:
    before = os.umask(0o022)
    os.umask(before)
    for _start in range(2):
        with open_door(tmp_path / "hands.sock") as door, socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(tmp_path / "hands.sock"))
            taken, _ = door.accept()
            with taken:
                assert peer(taken) == os.getuid()
    assert (tmp_path / "hands.sock").stat().st_mode & 0o777 == 0o660
    assert os.umask(before) == before, "what the helper makes later is not open to all"
