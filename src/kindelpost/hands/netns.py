"""Entering a network namespace from one thread: setns(2) moves a thread, never the process, and Python 3.11 has no os.setns."""

from __future__ import annotations

import ctypes
import os
import socket
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NETNS", "bound", "connect", "inside"]

T = TypeVar("T")
NETNS = Path("/run/netns")
CLONE_NEWNET = 0x40000000


def inside(namespace: str, act: Callable[[], T]) -> T:
    """Call `act` in a thread that has entered `namespace`; a socket made there stays there, wherever it is used later."""
    result: list[T] = []
    failure: list[BaseException] = []

    def enter_and_act() -> None:
        try:
            setns(namespace)
            result.append(act())
        except BaseException as error:  # noqa: BLE001 -- carried to the caller's thread and raised there
            failure.append(error)

    thread = Thread(target=enter_and_act, name=f"inside {namespace}")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return result[0]


def setns(namespace: str) -> None:
    """Move the calling thread into the network namespace. Raises EngineFault `outside-missing` or `outside-forbidden`."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        handle = os.open(NETNS / namespace, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as missing:
        raise EngineFault("outside-missing", f"There is no network namespace {namespace}.", "Start the instance.") from missing
    try:
        if libc.setns(handle, CLONE_NEWNET):
            reason = os.strerror(ctypes.get_errno())
            raise EngineFault("outside-forbidden", f"Entering the network namespace {namespace}: {reason}.", "Run as root.")
    finally:
        os.close(handle)


def bound(namespace: str, source: str) -> socket.socket:
    """A TCP socket of `namespace`, bound to the literal address `source` and connected to nothing yet."""

    def make() -> socket.socket:
        made = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET)
        try:
            made.bind((source, 0))
        except OSError:
            made.close()
            raise
        return made

    return inside(namespace, make)


def connect(namespace: str, address: str, port: int, *, source: str = "", timeout: float = 10.0) -> socket.socket:
    """A TCP connection from inside `namespace` to the literal `address`, from `source` if given."""
    own = (source, 0) if source else None
    return inside(namespace, lambda: socket.create_connection((address, port), timeout=timeout, source_address=own))
