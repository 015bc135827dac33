"""Asking as a mail program does: by name through the outside world's DNS, over TLS that is verified."""

from __future__ import annotations

import http.client
import imaplib
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dns.resolver

from e2e.service import CLIENTS, PASSWORD
from kindelpost.engines.outside.client import Client
from kindelpost.engines.outside.namespace import connect, host
from kindelpost.engines.outside.world import World

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from e2e.service import Service

__all__ = ["Answer", "Program"]


@dataclass(frozen=True)
class Answer:
    """What the web server said."""

    status: int
    kind: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class _Imap(imaplib.IMAP4):
    def __init__(self, ready: ssl.SSLSocket) -> None:
        self._ready = ready
        super().__init__("given", 1)

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002 -- imaplib's hook
        return self._ready


@dataclass(frozen=True)
class Program:
    """A mail program somewhere outside, that knows nothing but a person's address and password."""

    service: Service

    def look_up(self, name: str, kind: str) -> list[str]:
        """The records of a name, sorted; none where there is none."""
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self.service.port("resolver")
        try:
            return sorted(record.to_text() for record in resolver.resolve(name, kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []

    def connect(self, name: str, port: int, *, v6: bool = False) -> socket.socket:
        """A TCP connection to wherever DNS says that the name is."""
        (address,) = self.look_up(name, "AAAA" if v6 else "A")
        there = host(self.service.outside, next(CLIENTS))
        namespace = self.service.outside.namespace
        return connect(namespace, address, port, source=there.v6 if v6 else there.v4, timeout=20)

    def fetch(
        self,
        name: str,
        path: str,
        *,
        body: bytes | None = None,
        method: str = "",
        sni: str | None = None,
        shown_as: str = "",
        v6: bool = False,
    ) -> Answer:
        """One request to https://name/path. `sni`: another name in the handshake; `shown_as`: another one in Host."""
        at = name if sni is None else self.service.name
        plain = self.connect(at, self.service.port("portal"), v6=v6)
        context = ssl.create_default_context(cafile=str(self.service.instance.ca))
        context.check_hostname = sni is None
        # an empty name is no SNI at all
        connection = http.client.HTTPConnection(shown_as or name)
        connection.sock = context.wrap_socket(plain, server_hostname=(name if sni is None else sni) or None)
        try:
            connection.putrequest(method or ("GET" if body is None else "POST"), path, skip_accept_encoding=True)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
                connection.putheader("Content-Type", "text/xml")
            connection.endheaders(body)
            reply = connection.getresponse()
            headers = {name.lower(): value for name, value in reply.getheaders()}
            return Answer(reply.status, headers.get("content-type", ""), reply.read(), headers)
        finally:
            connection.close()

    def reads(self, server: str, port: int, login: str) -> bool:
        """Sign in by IMAP over TLS and open the inbox."""
        ready = self.service.context.wrap_socket(self.connect(server, port), server_hostname=server)
        with _Imap(ready) as client:
            client.login(login, self.service.known.get(login, PASSWORD))
            return client.select("INBOX")[0] == "OK"

    @contextmanager
    def sends(self, server: str, port: int, login: str, *, starttls: bool = False) -> Iterator[Client]:
        """Sign in to a submission door."""
        (address,) = self.look_up(server, "A")
        source = host(self.service.outside, next(CLIENTS)).v4
        tls = None if starttls else self.service.context
        with Client(self.service.outside.namespace, address, port, source=source, tls=tls, name=server) as client:
            client.ehlo()
            if starttls:
                client.starttls(context=self.service.context)
                client.ehlo()
            client.login(login, self.service.known.get(login, PASSWORD))
            yield client

    def publish(self, domain: str) -> None:
        """Say a domain's records in the outside world's DNS, as its client would at its own DNS host."""
        said: dict[tuple[str, str], list[str]] = {}
        for record in self.service.json("domain", "show", domain)["records"]:
            said.setdefault((record["name"], record["type"]), []).append(record["value"])
        world = World(self.service.facts)
        for (name, kind), values in said.items():
            world.set(name, kind, values)
        world.publish()
