"""The socket of hands: one request a connection, from the control account alone, looked at before anything is done.

    {"verb": "try-as", "words": {"account": "kp-nginx", "act": "read", "path": "secrets/redis-rspamd"}}
    {"result": "EACCES"}   or   {"error": {"code", "message", "hint"}}

A result that is a socket travels as a file descriptor (SCM_RIGHTS, unix(7)) beside {"result": null, "descriptor": true}.
Run as root by the service's own table: `python -m kindelpost.hands.daemon FOLDER`.
"""

from __future__ import annotations

import json
import logging
import os
import pwd
import socket
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.hands.look import Look
from kindelpost.lib.errors import KindelpostError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["answer", "peer", "serve"]

log = logging.getLogger("kindelpost.hands")
CALLER = "kp-control"
REQUEST_BYTES = 65_536
SECONDS = 60.0
WORKERS = 8


def serve(root: Path) -> None:
    """Listen on run/hands/hands.sock for ever; root and the control account may ask."""
    path = root / "run" / "hands" / "hands.sock"
    draft = path.with_name(".hands.sock")
    draft.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    os.umask(0o111)  # the folder lets nobody else in, and every caller is looked at
    door.bind(str(draft))
    os.umask(0o077)
    door.listen(64)
    draft.rename(path)  # whoever finds it finds it open
    look, allowed = Look(root), {0, pwd.getpwnam(CALLER).pw_uid}
    log.info("ready")
    with ThreadPoolExecutor(WORKERS) as pool:
        while True:
            caller, _ = door.accept()
            pool.submit(answer, caller, look.call, allowed)


def peer(caller: socket.socket) -> int:
    """The uid on the other side, as the kernel knows it (SO_PEERCRED, unix(7))."""
    credentials = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])


def answer(caller: socket.socket, call: Callable[..., object], allowed: set[int]) -> None:
    """One request: who asks, what, and the answer. A caller who is not allowed hears nothing."""
    with caller:
        caller.settimeout(SECONDS)
        who = peer(caller)
        if who not in allowed:
            log.warning("uid %s knocked and was not heard", who)
            return
        try:
            request = json.loads(_read(caller))
            result = call(str(request["verb"]), **request.get("words", {}))
        except KindelpostError as error:
            reply: dict[str, object] = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        except (ValueError, TypeError, KeyError, OSError) as error:
            reply = {"error": {"code": "hands-request", "message": f"That request cannot be carried out: {error}", "hint": ""}}
        else:
            if isinstance(result, socket.socket):
                with result:
                    socket.send_fds(caller, [b'{"result": null, "descriptor": true}\n'], [result.fileno()])
                return
            reply = {"result": result}
        caller.sendall(json.dumps(reply).encode() + b"\n")


def _read(caller: socket.socket) -> bytes:
    held = b""
    while not held.endswith(b"\n"):
        more = caller.recv(REQUEST_BYTES)
        held += more
        if not more or len(held) > REQUEST_BYTES:
            raise ValueError("one line of JSON, at most 64 KiB, is asked for")
    return held


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    serve(Path(sys.argv[1]))
