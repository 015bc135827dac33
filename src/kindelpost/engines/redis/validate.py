"""Redis has no configuration checker: the staged files are tried by starting the server on a throwaway socket."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kindelpost.engines.redis import programs
from kindelpost.engines.redis.probe import ask
from kindelpost.lib.run import start

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["validate"]

WAIT_S = 5.0


def validate(facts: Facts, staged: Path) -> list[str]:
    """Complaints about the staged folder: what the server said when it did not start, or did not know Rspamd's user."""
    with TemporaryDirectory(prefix="kp-redis-") as folder:
        place = Path(folder)
        socket, log = place / "try.sock", place / "log"
        pid = start(
            [
                *(programs.server(), str(staged / "redis.conf"), "--unixsocket", str(socket), "--dir", folder),
                *("--aclfile", str(staged / "users.acl"), "--appendonly", "no", "--save", ""),
            ],
            log=log,
        )
        try:
            answer = _answer(facts, socket, pid)
        finally:
            _end(pid)
        return [] if answer == "PONG" else [_why(log.read_text(errors="replace"), answer)]


def _answer(facts: Facts, socket: Path, pid: int) -> str:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return "it ended at once"
        if socket.exists():
            return ask(facts, socket, "PING")
        time.sleep(0.02)
    return f"no answer within {WAIT_S:g} s"


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _why(log: str, answer: str) -> str:
    lines = [line for line in log.splitlines() if line.strip()]
    return f"The state server refuses its configuration ({answer}): {' '.join(lines[-6:])[-600:]}"
