"""The portal's process: `python -m kindelpost.web.serve SOCKET`. Granian serves the WSGI application on a Unix socket.

A socket that a killed predecessor left is taken away first: Granian would find the address in use, and never start again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

__all__ = ["serve"]

THREADS, WAITING = 8, 32


def serve(socket: Path) -> None:
    """Serve until SIGTERM. The supervisor runs one portal an instance, so what lies there is nobody's."""
    socket.unlink(missing_ok=True)
    Granian(
        "kindelpost.config.wsgi:application",
        uds=socket,
        uds_permissions=0o660,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backpressure=WAITING,
        respawn_failed_workers=True,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
