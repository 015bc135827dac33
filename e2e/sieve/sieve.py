"""A ManageSieve client (RFC 5804), as far as the journeys need one."""

from __future__ import annotations

import base64
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from e2e.service import PASSWORD

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from e2e.service import Service

__all__ = ["Sieve", "activate", "signed_in"]


class Sieve:
    """A connection after STARTTLS and sign-in."""

    def __init__(self, service: Service) -> None:
        """Connect from outside and start TLS."""
        self.service = service
        self.socket: socket.socket = service.socket("managesieve")
        self.stream = self.socket.makefile("rb")
        self.reply()
        self.say("STARTTLS")
        self.stream.close()
        self.socket = service.context.wrap_socket(self.socket, server_hostname=service.name)
        self.stream = self.socket.makefile("rb")
        self.capabilities = self.reply()[1]

    def reply(self) -> tuple[str, str]:
        """`OK`, `NO` or `BYE`, and all that was said."""
        said = b""
        while True:
            line = self.stream.readline()
            said += line
            if literal := re.search(rb"\{(\d+)\+?\}\r\n$", line):
                said += self.stream.read(int(literal.group(1))) + self.stream.readline()
            if not line or re.match(rb"(OK|NO|BYE)\b", line):
                break
        text = said.decode(errors="replace")
        return (line.split(maxsplit=1)[0].decode() if line else "BYE"), text

    def say(self, command: str) -> tuple[str, str]:
        """Send one command and read its reply."""
        self.socket.sendall(f"{command}\r\n".encode())
        return self.reply()

    def put(self, name: str, script: str) -> tuple[str, str]:
        """PUTSCRIPT."""
        content = script.replace("\n", "\r\n").encode()
        self.socket.sendall(f'PUTSCRIPT "{name}" {{{len(content)}+}}\r\n'.encode() + content + b"\r\n")
        return self.reply()

    def close(self) -> None:
        """Close without a word."""
        self.stream.close()
        self.socket.close()


@contextmanager
def signed_in(service: Service, login: str) -> Iterator[Sieve]:
    """A session of a mailbox's owner."""
    client = Sieve(service)
    try:
        token = base64.b64encode(f"\0{login}\0{service.known.get(login, PASSWORD)}".encode()).decode()
        answer, words = client.say(f'AUTHENTICATE "PLAIN" "{token}"')
        assert answer == "OK", words
        yield client
    finally:
        client.close()


def activate(service: Service, login: str, script: str) -> None:
    """Make `script` the mailbox's active one; asserts that the server takes it."""
    with signed_in(service, login) as client:
        answer, words = client.put("main", script)
        assert answer == "OK", words
        answer, words = client.say('SETACTIVE "main"')
        assert answer == "OK", words
