"""Trying the service as a stranger or a user would: connections from the outside world, SMTP and IMAP on top of them.

Where the helper may not make an outside, from this machine itself: a weaker place, and the record says so.
"""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from kindelpost.engines.facts import Facts
from kindelpost.engines.helper import outside_socket
from kindelpost.engines.maps import layout
from kindelpost.engines.outside.hosts import GOOD
from kindelpost.engines.outside.namespace import find
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "WEAKER",
    "Reply",
    "Smtp",
    "address",
    "address_to",
    "connect",
    "imap",
    "place",
    "smtp",
    "transact",
    "trust",
    "weaker",
]

WEAKER = "from this machine itself, not from outside"
SECONDS = 20.0


@cache
def place() -> Facts:
    """Addresses and ports of the running instance; no secret and no version is known here."""
    return Facts(layout(), settings.SERVICE, outside=find(layout().root))


def weaker() -> str:
    """What a record must say of the place from which checks try: nothing where that is the outside world."""
    return "" if place().outside else WEAKER


def address(*, v6: bool = False) -> str:
    """Where the service is found: on the outside world's side, else its first own address of that family.

    Raises `LookupError` where it has none.
    """
    facts = place()
    if facts.outside:
        return facts.outside.service_v6 if v6 else facts.outside.service_v4
    own = next((one for one in facts.addresses if (":" in one) is v6), None)
    if own is None:
        raise LookupError(f"The service listens on no IPv{6 if v6 else 4} address.")
    return own


def connect(port: int | str, *, host: int | None = GOOD, v6: bool = False, timeout: float = SECONDS) -> socket.socket:
    """A TCP connection to a port (or a door's name) of the service from host number `host` of the outside world.

    With None from this machine itself, which proves nothing: that is for what we have to say, not for what we try.
    """
    facts = place()
    target = (address(v6=v6), facts.port(port) if isinstance(port, str) else port)
    made = _socket(host, v6=v6)
    made.settimeout(timeout)
    try:
        made.connect(target)
    except OSError:
        made.close()
        raise
    return made


def _socket(host: int | None, *, v6: bool) -> socket.socket:
    if host is None or not place().outside:
        return socket.socket(socket.AF_INET6 if v6 else socket.AF_INET)
    try:
        return outside_socket(layout(), host, v6=v6)
    except Refused as refused:
        raise RuntimeError(f"the way from outside is closed: {refused.message}") from refused


@cache
def trust() -> ssl.SSLContext:
    """A mail program's TLS settings: the evaluation's own authority, else the system's."""
    own = layout().tls("ca") / "ca.pem"
    return ssl.create_default_context(cafile=None if settings.SERVICE.tls.certificate else str(own))


class Smtp(smtplib.SMTP):
    """smtplib on a connection that is there already; `name` is what the certificate must be for."""

    def __init__(self, ready: socket.socket, *, helo: str, timeout: float = SECONDS) -> None:
        """Read the greeting."""
        self._ready = ready
        super().__init__(address(), 1, local_hostname=helo, timeout=timeout)
        self._host = settings.SERVICE.hostname

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 -- smtplib's hook
        return self._ready


@contextmanager
def smtp(
    door: str = "mx",
    *,
    login: tuple[str, str] | None = None,
    host: int | None = GOOD,
    v6: bool = False,
    tls: bool = True,
    helo: str = "good.outside.example",
    timeout: float = SECONDS,
) -> Iterator[Smtp]:
    """A session with `mx`, `submission` or `submissions`; encrypted unless told not to, signed in with (address, password)."""
    plain = connect(door, host=host, v6=v6, timeout=timeout)
    implicit = door == "submissions"
    ready = trust().wrap_socket(plain, server_hostname=settings.SERVICE.hostname) if implicit else plain
    with Smtp(ready, helo=helo, timeout=timeout) as client:
        client.ehlo()
        if tls and not implicit:
            client.starttls(context=trust())
            client.ehlo()
        if login:
            client.login(*login)
        yield client


@dataclass(frozen=True)
class Reply:
    """What the server said last in a transaction."""

    code: int
    words: str

    @classmethod
    def of(cls, said: tuple[int, bytes]) -> Reply:
        """As smtplib gives it."""
        return cls(said[0], said[1].decode(errors="replace"))

    @property
    def accepted(self) -> bool:
        """Did it take what was asked? The first digit decides (RFC 5321 §4.2.1)."""
        return str(self.code).startswith("2")

    @property
    def put_off(self) -> bool:
        """Is it to be tried again later?"""
        return str(self.code).startswith("4")

    @property
    def refused(self) -> bool:
        """Is it refused for good?"""
        return str(self.code).startswith("5")

    def __str__(self) -> str:
        """In one line."""
        return f"{self.code} {' '.join(self.words.split())}"


def address_to(client: smtplib.SMTP, sender: str, to: str) -> Reply:
    """The envelope of a message: the first refusal, after which the session can be used again, or the consent to the data."""
    reply = Reply.of(client.mail(sender))
    if reply.accepted:
        reply = Reply.of(client.rcpt(to))
    if not reply.accepted:
        client.rset()
    return reply


def transact(client: smtplib.SMTP, sender: str, to: str, raw: bytes) -> Reply:
    """One message in a session: the first refusal, or the reply to the data. The session can be used again."""
    reply = address_to(client, sender, to)
    return Reply.of(client.data(raw)) if reply.accepted else reply


class _Imap(imaplib.IMAP4):
    def __init__(self, ready: ssl.SSLSocket) -> None:
        self._ready = ready
        super().__init__("given", 1)

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002 -- imaplib's hook
        return self._ready


@contextmanager
def imap(login: tuple[str, str], *, host: int = GOOD) -> Iterator[imaplib.IMAP4]:
    """A signed-in IMAP session."""
    ready = trust().wrap_socket(connect("imaps", host=host), server_hostname=settings.SERVICE.hostname)
    with _Imap(ready) as client:
        client.login(*login)
        yield client
