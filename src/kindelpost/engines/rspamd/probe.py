"""Is the milter listening, and are the workers scanning?"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

from kindelpost.engines.base import Probe

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["negotiate", "probe"]

# SMFIC_OPTNEG: protocol version 6, all actions, nothing left out (libmilter's mfdef.h).
HELLO = struct.pack(">IcIII", 13, b"O", 6, 0x1FF, 0)


def negotiate(path: Path, timeout: float = 4.0) -> int:
    """The milter protocol version that answers at `path`. Raises OSError when nothing does."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(timeout)
        door.connect(str(path))
        door.sendall(HELLO)
        answer = door.recv(64)
    if answer[4:5] != b"O":
        raise ConnectionError(f"an unexpected answer {answer!r}")
    return int.from_bytes(answer[5:9], "big")


def probe(facts: Facts) -> Probe:
    """A milter negotiation, as Postfix does it."""
    path = facts.layout.run("rspamd") / "milter.sock"
    try:
        protocol = negotiate(path)
    except OSError as trouble:
        return Probe(ok=False, said=f"Rspamd's milter does not answer at {path}: {trouble}. Mail is deferred meanwhile.")
    return Probe(ok=True, said=f"The milter answers with protocol {protocol}.")
