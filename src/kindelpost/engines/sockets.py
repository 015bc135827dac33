"""Who listens: every TCP and UDP socket of an instance, with its process and account, declared or not (M2.2)."""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.engines.keeper import started
from kindelpost.engines.members import members
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kindelpost.engines.base import Listener
    from kindelpost.engines.facts import Facts, Layout

__all__ = ["Accounted", "Socket", "account_for", "listening", "parse_table", "root_processes"]

LISTEN = "0A"  # include/net/tcp_states.h
UNCONNECTED = "07"  # a UDP socket without a peer: it takes datagrams from everybody


@dataclass(frozen=True, order=True)
class Socket:
    """A listening socket: `tcp` or `udp`, numeric address, port, row of the process table, Unix account, pid."""

    protocol: str
    address: str
    port: int
    process: str
    account: str
    pid: int
    outside: bool = False


@dataclass(frozen=True)
class Accounted:
    """Declared against found.

    `unknown` listens and nobody declared it; `missing` is declared and nobody listens; `exposed` is an internal one that was
    found on another address than loopback.
    """

    known: tuple[Socket, ...]
    unknown: tuple[Socket, ...]
    missing: tuple[Listener, ...]
    exposed: tuple[Socket, ...]


def parse_table(text: str, protocol: str) -> dict[int, tuple[str, str, int]]:
    """The listening rows of /proc/net/{tcp,tcp6,udp,udp6}: socket inode → (protocol, address, port). Format: proc(5)."""
    found = {}
    wanted = LISTEN if protocol == "tcp" else UNCONNECTED
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) > 9 and words[3] == wanted:  # noqa: PLR2004 -- the inode is the tenth column
            address, _, port = words[1].partition(":")
            found[int(words[9])] = (protocol, _address(address), int(port, 16))
    return found


def _address(raw: str) -> str:
    """Hexadecimal, 32 bits at a time in the machine's byte order: little-endian on amd64 and arm64."""
    data = b"".join(bytes.fromhex(raw[at : at + 8])[::-1] for at in range(0, len(raw), 8))
    return str(IPv4Address(data) if len(data) == 4 else IPv6Address(data))  # noqa: PLR2004 -- four bytes are IPv4


def listening(layout: Layout, *, namespace: str = "") -> tuple[Socket, ...]:
    """The instance's listening sockets on the machine, or those inside the namespace that plays the outside world."""
    tables: dict[int, tuple[str, str, int]] = {}
    for name in ("tcp", "tcp6", "udp", "udp6"):
        text = _inside(namespace, name) if namespace else Path(f"/proc/net/{name}").read_text(encoding="ascii")
        tables |= parse_table(text, name[:3])
    found: dict[int, Socket] = {}
    # A socket that a master bound is shared by its children: it is the master's, who is the eldest.
    for pid, process in sorted(members(layout).items(), key=lambda each: int(started(each[0]) or 0), reverse=True):
        for inode in _inodes(pid) & tables.keys():
            found[inode] = Socket(*tables[inode], process, _account(pid), pid, outside=bool(namespace))
    return tuple(sorted(found.values()))


def _inside(namespace: str, name: str) -> str:
    return run(["nsenter", f"--net=/run/netns/{namespace}", "cat", f"/proc/net/{name}"], check=False).out


def _inodes(pid: int) -> set[int]:
    inodes = set()
    with suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                target = os.readlink(entry.path)  # noqa: PTH115 -- "socket:[123]" is no path
                if target.startswith("socket:["):
                    inodes.add(int(target[8:-1]))
    return inodes


def _account(pid: int) -> str:
    with suppress(OSError, KeyError):
        return pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name
    return "?"


def account_for(found: Iterable[Socket], declared: Iterable[Listener], facts: Facts) -> Accounted:
    """Compare what listens with what the engines declared. A front door is missing when one of its addresses has no listener.

    A UDP socket counts as unknown only on a fixed port: a resolver asks from a random one, open until the answer comes.
    """
    sockets, listeners = tuple(found), tuple(declared)
    ports = {(each.protocol, each.port): each for each in listeners}
    known = tuple(each for each in sockets if (each.protocol, each.port) in ports)
    unknown = tuple(each for each in sockets if each not in known and not _asks(each))
    held = {(each.protocol, each.port, each.address) for each in sockets}
    missing = tuple(
        each
        for each in listeners
        if not all(_covered(each, where, held) for where in ((each.address,) if each.internal else facts.addresses))
    )
    internal = {port for port, each in ports.items() if each.internal}
    exposed = tuple(
        each for each in known if (each.protocol, each.port) in internal and not ip_address(each.address).is_loopback
    )
    return Accounted(known, unknown, missing, exposed)


def _asks(each: Socket) -> bool:
    return each.protocol == "udp" and each.process == "unbound"


def _covered(each: Listener, address: str, held: set[tuple[str, int, str]]) -> bool:
    anywhere = ("0.0.0.0", "::") if ":" not in address else ("::",)  # noqa: S104 -- compared with, never bound
    return any((each.protocol, each.port, where) in held for where in (address, *anywhere))


def root_processes(layout: Layout) -> dict[int, tuple[str, str, tuple[Socket, ...]]]:
    """Every process of the instance that runs as root: pid → (row of the table, command, what it holds).

    Masters hold the sockets that their children accept from; a root process that accepts itself would be a finding (refusal 3).
    """
    sockets = listening(layout)
    found = {}
    for pid, process in members(layout).items():
        if _account(pid) == "root":
            with suppress(OSError):
                command = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
                found[pid] = (process, command, tuple(each for each in sockets if each.pid == pid))
    return found
