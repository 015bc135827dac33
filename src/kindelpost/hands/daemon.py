"""The socket of hands: one request a connection, from the control account alone, looked at before anything is done.

    {"verb": "try-as", "words": {"account": "kp-nginx", "act": "read", "paths": ["secrets/redis-rspamd"]}}
    {"result": {"secrets/redis-rspamd": "EACCES"}}   or   {"error": {"code", "message", "hint"}}

A result that is a socket travels as a file descriptor (SCM_RIGHTS, unix(7)) beside {"result": null, "descriptor": true}. Run as
root by the service's own table: `python -m kindelpost.hands.daemon FOLDER`.
"""

from __future__ import annotations

import json
import logging
import os
import pwd
import socket
import struct
import sys
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from kindelpost.hands.look import Look
from kindelpost.lib.errors import KindelpostError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["answer", "open_door", "peer", "serve"]

log = logging.getLogger("kindelpost.hands")
CALLER = "kp-control"
REQUEST_BYTES = 1_000_000  # 20,000 paths
SECONDS = 10.0  # for the whole request, and again for the answer
PAUSE_SECONDS = 0.1
WORKERS = 12  # each takes the next caller when it has answered one: what waits, waits in the kernel's queue


def serve(root: Path) -> None:
    """Listen on run/hands/hands.sock for ever; root and the control account may ask."""
    door = open_door(root / "run" / "hands" / "hands.sock")
    look, allowed = Look(root), {0, pwd.getpwnam(CALLER).pw_uid}

    def work() -> None:
        while True:
            try:
                answer(door.accept()[0], look.call, allowed)
            except Exception:  # the top of the loop: whatever one caller does, the next one is served
                log.exception("a request was not answered")
                sleep(PAUSE_SECONDS)

    workers = [Thread(target=work, name=f"worker {number}") for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    log.info("ready")
    for worker in workers:
        worker.join()


def open_door(path: Path) -> socket.socket:
    """A listening socket at `path` for its folder's group: that folder is setgid, so no right to give files away is needed."""
    draft = path.with_name(f".{path.name}")
    draft.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    before = os.umask(0o117)
    try:
        door.bind(str(draft))
    finally:
        os.umask(before)
    door.listen(64)
    draft.rename(path)  # whoever finds it finds it open
    return door


def peer(caller: socket.socket) -> int:
    """The uid on the other side, as the kernel knew it when that side connected (SO_PEERCRED, unix(7))."""
    credentials = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])


def answer(caller: socket.socket, call: Callable[..., object], allowed: set[int], *, seconds: float = SECONDS) -> None:
    """One request: who asks, what, and the answer. A caller who is not allowed hears nothing."""
    with caller:
        who = peer(caller)
        if who not in allowed:
            log.warning("uid %s knocked and was not heard", who)
            return
        try:
            request = json.loads(_read(caller, monotonic() + seconds))
            result = call(str(request["verb"]), **request.get("words", {}))
        except KindelpostError as error:
            reply: dict[str, object] = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OSError) as error:
            log.warning("a request could not be carried out: %r", error)
            reply = {"error": {"code": "hands-request", "message": f"That cannot be carried out: {error}", "hint": ""}}
        else:
            caller.settimeout(seconds)
            if isinstance(result, socket.socket):
                with result:
                    socket.send_fds(caller, [b'{"result": null, "descriptor": true}\n'], [result.fileno()])
                return
            reply = {"result": result}
        caller.settimeout(seconds)
        caller.sendall(json.dumps(reply).encode() + b"\n")


def _read(caller: socket.socket, end: float) -> bytes:
    """One line before `end`: a caller that drips does not hold a worker."""
    held = b""
    while not held.endswith(b"\n"):
        left = end - monotonic()
        if left <= 0:
            raise ValueError("the request did not end in time")
        caller.settimeout(left)
        more = caller.recv(65_536)
        held += more
        if not more or len(held) > REQUEST_BYTES:
            raise ValueError(f"one line of JSON, at most {REQUEST_BYTES} bytes, is asked for")
    return held


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    serve(Path(sys.argv[1]))
