"""M2.2: a listener that nobody declared."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from e2e.sabotage.tools import Break

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.service import Service

__all__ = ["BREAKS"]


@contextmanager
def backdoor(service: Service) -> Iterator[None]:
    """A program of a service account, from the instance's folder, listens on a port of its own choice."""
    code = f"import socket,time; s=socket.create_server(('127.0.0.1',{service.port_base + 7})); time.sleep(60)"
    argv = ["setpriv", "--reuid=kp-control", "--regid=kp-control", "--clear-groups", "/usr/bin/python3", "-c", code]
    stray = os.posix_spawn("/usr/bin/setpriv", [*argv, str(service.folder / "stray")], dict(os.environ))
    time.sleep(1)
    try:
        yield
    finally:
        os.kill(stray, signal.SIGKILL)
        os.waitpid(stray, 0)


BREAKS = (Break("a service account's program listens on a port of its own choice", ("M2.2",), backdoor),)
