"""A milter client: what Postfix says to Rspamd, said by a test (libmilter's mfdef.h, protocol 6)."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Envelope", "Verdict", "milter"]


@dataclass(frozen=True)
class Envelope:
    """How a message came: Postfix's {daemon_name}, the client, the login, sender and recipients."""

    door: str = "mx"
    ip: str = "203.0.113.20"
    helo: str = "mail.remote.example"
    login: str = ""
    sender: str = "someone@remote.example"
    recipients: tuple[str, ...] = ("alice@a.example",)


@dataclass
class Verdict:
    """What the milter wants: `accept`, `tempfail`, `discard` or an SMTP reply, and its changes to the headers in order."""

    reply: str = ""
    changes: list[tuple[str, int, str, str]] = field(default_factory=list)  # (i | m, index, name, value)

    @property
    def refused(self) -> bool:
        """A permanent refusal."""
        return self.reply.startswith("5")

    @property
    def deferred(self) -> bool:
        """A temporary refusal."""
        return self.reply.startswith("4") or self.reply == "tempfail"

    def added(self, name: str) -> list[str]:
        """The values that were added or set for this header."""
        return [value for _, _, field_name, value in self.changes if field_name.lower() == name.lower() and value]

    def removed(self, name: str) -> list[int]:
        """Which ones of this header were taken off."""
        return [index for kind, index, n, value in self.changes if kind == "m" and n.lower() == name.lower() and not value]

    @property
    def junk(self) -> bool:
        """Accepted, marked for Junk."""
        return self.reply == "accept" and "Yes" in self.added("X-Spam")

    @property
    def inbox(self) -> bool:
        """Accepted without a mark."""
        return self.reply == "accept" and not self.junk


# Steps that the milter may ask not to be answered (SMFIP_NR_*), and not to be sent (SMFIP_NO*).
SILENT = {b"L": 0x80, b"C": 0x1000, b"H": 0x2000, b"M": 0x4000, b"R": 0x8000, b"T": 0x10000, b"N": 0x40000, b"B": 0x80000}
UNWANTED = {b"C": 0x1, b"H": 0x2, b"M": 0x4, b"R": 0x8, b"B": 0x10, b"L": 0x20, b"N": 0x40, b"T": 0x200}


class _Session:
    def __init__(self, path: Path) -> None:
        self.door = socket.socket(socket.AF_UNIX)
        self.door.settimeout(20)
        self.door.connect(str(path))
        self.send(b"O", struct.pack(">III", 6, 0x1FF, 0x1FFFFF))
        self.wishes = struct.unpack(">III", self.read()[1])[2]

    def send(self, command: bytes, data: bytes = b"") -> None:
        self.door.sendall(struct.pack(">I", len(data) + 1) + command + data)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.door.recv(size - len(data))
            if not part:
                raise ConnectionError("the milter hung up")
            data += part
        return data

    def read(self) -> tuple[bytes, bytes]:
        size = struct.unpack(">I", self._exactly(4))[0]
        packet = self._exactly(size)
        return packet[:1], packet[1:]

    def ask(self, command: bytes, data: bytes = b"") -> None:
        if self.wishes & UNWANTED[command]:
            return
        self.send(command, data)
        if self.wishes & SILENT[command]:
            return
        answer, rest = self.read()
        if answer != b"c":
            raise ConnectionError(f"{command!r} answered with {answer!r} {rest!r}")

    def macros(self, command: bytes, **values: str) -> None:
        pairs = b"".join(f"{name}\0{value}\0".encode() for name, value in values.items())
        self.send(b"D", command + pairs)


def _headers(raw: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    found: list[tuple[bytes, bytes]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in {b" ", b"\t"} and found:
            found[-1] = (found[-1][0], found[-1][1] + b"\n" + line)
        elif line:
            name, _, value = line.partition(b":")
            found.append((name, value.removeprefix(b" ")))
    return found, body


def _verdict(session: _Session) -> Verdict:
    verdict = Verdict()
    while True:
        answer, data = session.read()
        if answer in {b"h", b"m", b"i"}:
            index = 0 if answer == b"h" else struct.unpack(">I", data[:4])[0]
            name, value = (data if answer == b"h" else data[4:]).removesuffix(b"\0").split(b"\0", 1)
            verdict.changes.append((answer.decode(), index, name.decode(), value.decode()))
        elif answer == b"y":
            verdict.reply = data.rstrip(b"\0").decode()
            return verdict
        elif answer in {b"a", b"c", b"t", b"r", b"d"}:
            names = {b"a": "accept", b"c": "accept", b"t": "tempfail", b"r": "550 5.7.1", b"d": "discard"}
            verdict.reply = names[answer]
            return verdict


def milter(path: Path, raw: bytes, envelope: Envelope) -> Verdict:
    """Hand one message (CRLF line ends) to the milter at `path`, as Postfix does; its verdict."""
    session = _Session(path)
    session.macros(b"C", j="mx.service.example", **{"{daemon_name}": envelope.door, "v": "Postfix 3.7"})
    family = b"6" if ":" in envelope.ip else b"4"
    session.ask(b"C", b"client.example\0" + family + struct.pack(">H", 40000) + envelope.ip.encode() + b"\0")
    session.ask(b"H", envelope.helo.encode() + b"\0")
    auth = {"{auth_authen}": envelope.login, "{auth_type}": "PLAIN"} if envelope.login else {}
    session.macros(b"M", i="4XTest", **auth)
    session.ask(b"M", f"<{envelope.sender}>".encode() + b"\0")
    for recipient in envelope.recipients:
        session.macros(b"R", i="4XTest")
        session.ask(b"R", f"<{recipient}>".encode() + b"\0")
    session.ask(b"T")
    headers, body = _headers(raw)
    for name, value in headers:
        session.ask(b"L", name + b"\0" + value + b"\0")
    session.ask(b"N")
    for start in range(0, len(body), 65000):
        session.ask(b"B", body[start : start + 65000])
    session.send(b"E")
    verdict = _verdict(session)
    session.door.close()
    return verdict
