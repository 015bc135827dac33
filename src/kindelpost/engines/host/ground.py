"""Is this machine fit for an instance? Each question raises an error that names the thing and says what to do."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from typing import TYPE_CHECKING

from kindelpost.lib.errors import EngineFault, Refused
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kindelpost.engines.base import Listener
    from kindelpost.engines.facts import Facts

__all__ = ["check_folder", "check_ports", "check_root", "check_space"]

LEAST_FREE = 1_000_000_000
LONGEST_ROOT = 60  # sun_path holds 107 bytes (unix(7)); the longest socket's name inside an instance takes under 47


def check_root() -> None:
    """Only root can make accounts, bind low ports and start programs under other accounts."""
    if os.geteuid() != 0:
        raise EngineFault("not-root", "Kindelpost must be started as root.", "Use sudo ./kindelpost …")


def check_folder(root: Path) -> None:
    """Service accounts must be able to reach the folder, nobody but root may put anything into it."""
    if len(os.fsencode(root)) > LONGEST_ROOT:
        hint = "Choose a shorter one with --dir, such as /srv/kindelpost."
        raise Refused("dir-too-long", f"{root} is longer than {LONGEST_ROOT} bytes, too long for Unix sockets in it.", hint)
    for folder in reversed(root.parents):
        if folder.exists() and not folder.stat().st_mode & 0o001:
            hint = "Use --dir /srv/kindelpost, or another folder that every account may pass through."
            raise Refused("dir-closed", f"The service accounts cannot pass through {folder} to reach {root}.", hint)
    if not root.exists():
        return
    held = root.stat()
    if held.st_uid != os.geteuid() or held.st_mode & 0o022:
        hint = f"chown root:root {root}; chmod 755 {root}, or choose another folder with --dir."
        raise Refused("dir-owner", f"{root} belongs to somebody else, or others may write in it.", hint)


def check_space(root: Path) -> None:
    """Signatures, queue and logs need room; a full disk loses nothing but stops everything."""
    where = next(folder for folder in (root, *root.parents) if folder.exists())
    free = shutil.disk_usage(where).free
    if free < LEAST_FREE:
        hint = "Free some, or choose another disk with --dir."
        raise EngineFault("disk-full", f"{where} has {free // 1_000_000} MB free; at least 1000 MB are needed.", hint)


def check_ports(listeners: Iterable[Listener], facts: Facts) -> None:
    """Every declared port must be free on every address where it will be bound."""
    for listener in listeners:
        for address in (listener.address,) if listener.internal else facts.addresses:
            if not is_free(address, listener.port, listener.protocol):
                who = holder(listener.port, listener.protocol)
                hint = "Stop that program, or move this instance with --port-base N."
                message = f"Port {listener.port}/{listener.protocol} on {address} ({listener.purpose}) is taken{who}."
                raise EngineFault("port-taken", message, hint, port=listener.port)


def is_free(address: str, port: int, protocol: str) -> bool:
    """Can the port be bound now? An address that the machine does not have yet (the veth's) has no taken ports."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM) as trial:
        if protocol == "tcp":
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a finished connection's TIME_WAIT is no holder
        try:
            trial.bind((address, port))
        except OSError as refused:
            return refused.errno != errno.EADDRINUSE
    return True


def holder(port: int, protocol: str) -> str:
    """Whoever has the port, as ss(8) knows it, such as " by nginx (pid 7)"; "" when nobody can tell."""
    flags = "-Hulnp" if protocol == "udp" else "-Htlnp"
    said = run(["ss", flags, f"sport = :{port}"], check=False).out
    _, found, rest = said.partition('users:(("')
    if not found:
        return ""
    name, _, tail = rest.partition('"')
    return f" by {name} (pid {tail.partition('pid=')[2].partition(',')[0]})"
