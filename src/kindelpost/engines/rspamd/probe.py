"""Does the milter answer, are our rules in its workers, and have they read the published maps?

The question is a message that must be refused: as local mail it uses a domain that stands in the published map of hosted
domains and that nobody owns. Without our rules it would be accepted, without the maps deferred; it is never delivered.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, BinaryIO

from kindelpost.engines.base import Probe
from kindelpost.engines.tables import MARK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["ask", "probe"]

# libmilter's mfdef.h: protocol 6, all actions; no step but the end of the message is answered (SMFIP_NR_*).
ANSWERED_AT_END = 0xFF080
HELLO = struct.pack(">III", 6, 0x1FF, ANSWERED_AT_END)
CHANGES = {b"h", b"i", b"m"}  # of headers, before the verdict
VERDICTS = {b"a": "accept", b"c": "accept", b"t": "tempfail", b"r": "reject", b"d": "discard"}
STEPS = (
    (b"D", b"C{daemon_name}\0local\0"),
    (b"C", b"localhost\0U\0\0\0"),
    (b"M", b"<>\0"),
    (b"R", f"<nobody@{MARK}>\0".encode()),
    (b"L", f"From\0probe@{MARK}\0".encode()),
    (b"L", f"Subject\0{MARK}\0".encode()),
    (b"N", b""),
    (b"E", b""),
)


def _send(door: socket.socket, command: bytes, data: bytes) -> None:
    door.sendall(struct.pack(">I", len(data) + 1) + command + data)


def _read(stream: BinaryIO) -> bytes:
    size = stream.read(4)
    if len(size) < 4:  # noqa: PLR2004 -- a whole length
        raise ConnectionError("the milter hung up")
    return stream.read(struct.unpack(">I", size)[0])


def ask(path: Path, timeout: float = 8.0, steps: Sequence[tuple[bytes, bytes]] = STEPS) -> str:
    """The verdict of the milter at `path` on a message, the probe's unless given: an SMTP reply, or a word. Raises OSError."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(timeout)
        door.connect(str(path))
        with door.makefile("rb") as stream:
            _send(door, b"O", HELLO)
            if _read(stream)[:1] != b"O":
                raise ConnectionError("it does not speak the milter protocol")
            for command, data in steps:
                _send(door, command, data)
            answer = _read(stream)
            while answer[:1] in CHANGES:
                answer = _read(stream)
    if answer[:1] == b"y":
        return answer[1:].rstrip(b"\0").decode(errors="replace")
    return VERDICTS.get(answer[:1], f"answer {answer[:60]!r}")


def probe(facts: Facts) -> Probe:
    """One message, as Postfix hands it over."""
    path = facts.layout.run("rspamd") / "milter.sock"
    try:
        said = ask(path)
    except OSError as trouble:
        return Probe(ok=False, said=f"Rspamd's milter does not answer at {path}: {trouble}. Mail is deferred meanwhile.")
    if said.startswith("4"):
        return Probe(ok=False, said=f"Rspamd is not ready and defers all mail: {said}")
    if not said.startswith("5"):
        return Probe(ok=False, said=f"Rspamd runs without our rules: it let a forged message pass ({said}).")
    return Probe(ok=True, said="Our rules are in force, the published maps are read.")
