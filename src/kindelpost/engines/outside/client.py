"""SMTP from the outside world: a whole client, and a raw one for the tests that need exact bytes (T01, T02)."""

from __future__ import annotations

import smtplib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from kindelpost.engines.outside.namespace import connect

if TYPE_CHECKING:
    import ssl

__all__ = ["Client", "Raw", "raw"]

CHUNK = 65536


class Client(smtplib.SMTP):
    """smtplib's client whose connection is made inside the namespace, from `source`; with `tls`, TLS from the first byte (465).

    `Client(outside.namespace, outside.service_v4, 25, source=host(outside, GOOD).v4)`; `starttls`, `login`, … as usual.
    """

    def __init__(  # noqa: PLR0913 -- what a connection is made of
        self,
        namespace: str,
        address: str,
        port: int,
        *,
        source: str = "",
        helo: str = "good.outside.example",
        tls: ssl.SSLContext | None = None,
        name: str = "",
        timeout: float = 30.0,
    ) -> None:
        """Connect and read the greeting. `name` is what the certificate must be for; it is the address if not given."""
        self.namespace, self.own, self.tls, self.name = namespace, source, tls, name or address
        super().__init__(address, port, local_hostname=helo, timeout=timeout)
        self._host = self.name  # what smtplib's starttls() asks for by SNI

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = connect(self.namespace, host, port, source=self.own, timeout=timeout)
        return self.tls.wrap_socket(plain, server_hostname=self.name) if self.tls else plain


@dataclass
class Raw:
    """A connection of exact bytes. `pending` holds what was read and not yet returned."""

    socket: socket.socket
    pending: bytes = b""

    def send(self, data: bytes) -> None:
        """Send `data` as it is, in one segment where it fits."""
        self.socket.sendall(data)

    def reply(self) -> bytes:
        """The next whole SMTP reply, all its lines (RFC 5321 §4.2.1); b"" when the server has closed."""
        reply = b""
        while line := self.line():
            reply += line
            if line[3:4] != b"-":
                break
        return reply

    def line(self) -> bytes:
        """The next line with its end; what is left, without one, when the server has closed."""
        while b"\n" not in self.pending:
            data = self.socket.recv(CHUNK)
            if not data:
                break
            self.pending += data
        line, end, self.pending = self.pending.partition(b"\n")
        return line + end

    def rest(self, quiet: float = 1.0) -> bytes:
        """Everything that still comes, until the server closes or says nothing for `quiet` seconds."""
        before = self.socket.gettimeout()
        self.socket.settimeout(quiet)
        try:
            while data := self.socket.recv(CHUNK):
                self.pending += data
        except (TimeoutError, ConnectionResetError):
            pass
        finally:
            self.socket.settimeout(before)
        said, self.pending = self.pending, b""
        return said

    def secure(self, context: ssl.SSLContext, name: str) -> None:
        """Start TLS after the server's consent. `pending` is kept: clear text in it is a finding (T02)."""
        self.socket = context.wrap_socket(self.socket, server_hostname=name)

    def close(self) -> None:
        """Close without a QUIT, as the end of a `with` does."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_what: object) -> None:
        self.close()


def raw(namespace: str, address: str, port: int, *, source: str = "", timeout: float = 10.0) -> Raw:
    """A raw connection from inside the namespace; the greeting is the first `reply()`."""
    connection = connect(namespace, address, port, source=source, timeout=timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Raw(connection)
