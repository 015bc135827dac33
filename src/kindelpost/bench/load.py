"""The load: senders of the outside world that bring messages to a mail exchanger over TLS, from several connections at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from kindelpost.bench.corpus import SENDER
from kindelpost.engines.outside.client import Raw, raw
from kindelpost.engines.outside.hosts import GOOD
from kindelpost.engines.outside.namespace import host
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kindelpost.bench.corpus import Letter
    from kindelpost.bench.stack import Stack

__all__ = ["CONNECTIONS", "PER_CONNECTION", "bring", "open_session"]

CONNECTIONS = 8
PER_CONNECTION = 10  # messages, then the sender goes and another one comes: as at a real exchanger, TLS starts often
GREETING = b"EHLO good.outside.example\r\n"


def bring(stack: Stack, letters: Sequence[Letter]) -> float:
    """Bring all of them, each accepted with 250; returns the seconds taken. Raises `EngineFault` (`bench-refused`)."""
    batches = _Batches(letters)
    begun = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [pool.submit(_sender, stack, batches) for _ in range(CONNECTIONS)]:
            done.result()
    return time.perf_counter() - begun


@dataclass
class _Batches:
    """The messages, handed out to whichever sender is free."""

    letters: Sequence[Letter]

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._source = (self.letters[at : at + PER_CONNECTION] for at in range(0, len(self.letters), PER_CONNECTION))

    def __iter__(self) -> Iterator[Sequence[Letter]]:
        while True:
            with self._lock:
                batch = next(self._source, None)
            if batch is None:
                return
            yield batch


def _sender(stack: Stack, batches: _Batches) -> None:
    for batch in batches:
        with open_session(stack) as session:
            for letter in batch:
                _transact(session, letter)
            session.send(b"QUIT\r\n")
            session.reply()


def open_session(stack: Stack) -> Raw:
    """A connection from a well-behaved host, greeted, over TLS."""
    outside = stack.facts.outside
    assert outside is not None  # noqa: S101 -- the bench runs with an outside world only
    session = raw(outside.namespace, outside.service_v4, stack.port, source=host(outside, GOOD).v4, timeout=120)
    _expect(session, b"220")
    session.send(GREETING)
    _expect(session, b"250")
    session.send(b"STARTTLS\r\n")
    _expect(session, b"220")
    session.secure(stack.context, stack.facts.service.hostname)
    session.send(GREETING)
    _expect(session, b"250")
    return session


def _transact(session: Raw, letter: Letter) -> None:
    """One message with pipelined commands (RFC 2920), as Postfix's own client sends it."""
    session.send(f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{letter.recipient}>\r\nDATA\r\n".encode())
    for code in (b"250", b"250", b"354"):
        _expect(session, code)
    session.send(letter.wire)
    _expect(session, b"250")


def _expect(session: Raw, code: bytes) -> None:
    reply = session.reply()
    if not reply.startswith(code):
        raise EngineFault("bench-refused", f"Expected {code.decode()}, was told: {reply.decode(errors='replace').strip()}")
