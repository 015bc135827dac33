"""The service as the journeys see it: started by the launcher, spoken to through its commands and its real ports.

Clients connect from the outside world's namespace: loopback is a liar (practice, "loopback lies").
"""

from __future__ import annotations

import email.message
import email.policy
import email.utils
import imaplib
import json
import os
import shutil
import ssl
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dns.resolver
import pytest

from kindelpost.engines.instance import open_instance
from kindelpost.engines.outside.client import Client
from kindelpost.engines.outside.hosts import GOOD
from kindelpost.engines.outside.namespace import HOSTS, connect, find, host
from kindelpost.engines.outside.sink import Received, received
from kindelpost.lib.run import Finished, run

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from smtplib import SMTP

    from kindelpost.engines.facts import Facts, Outside
    from kindelpost.engines.instance import Instance

__all__ = ["EICAR", "GTUBE", "PASSWORD", "ROOT", "Found", "Service", "letter", "scratch", "started", "transact", "unique"]

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "kuldne-rehepapp-sammub-1918"
# Split, so that a scanner of this file finds nothing.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
CLIENTS = cycle(range(4, HOSTS))


@dataclass(frozen=True)
class Found:
    """A message in a mailbox: the folder and its bytes."""

    folder: str
    raw: bytes

    @property
    def message(self) -> email.message.EmailMessage:
        """Parsed."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)


def letter(sender: str, to: str, subject: str = "", body: str = "Tere!\n", *, extra: tuple[tuple[str, str], ...] = ()) -> bytes:
    """A plain message with CRLF line ends; the subject is unique unless given."""
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = sender, to
    message["Subject"] = subject or unique()
    message["Date"] = email.utils.formatdate()
    message["Message-ID"] = f"<{uuid.uuid4()}@{email.utils.parseaddr(sender)[1].rpartition('@')[2]}>"
    for name, value in extra:
        message[name] = value
    message.set_content(body)
    return message.as_bytes()


def unique(prefix: str = "kiri") -> str:
    """A word that no other message has."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


@dataclass  # noqa: PLR0904 -- each is one thing that a person or a mail program does
class Service:
    """One running instance."""

    folder: Path
    port_base: int
    known: dict[str, str] = field(default_factory=dict)  # address → password

    def cli(self, *words: str, check: bool = True, stdin: str = "", timeout: float = 120) -> Finished:
        """Run a command of the launcher on this instance."""
        done = run([ROOT / "kindelpost", *words, "--dir", self.folder], check=False, stdin=stdin, timeout=timeout, cwd=ROOT)
        assert not check or done.code == 0, f"{words}: {done.code}: {done.said}"
        return done

    def json(self, *words: str, check: bool = True) -> Any:  # noqa: ANN401 -- JSON
        """The same with --json, parsed."""
        return json.loads(self.cli(*words, "--json", check=check).out)

    def up(self) -> None:
        """Start it and wait until it is ready."""
        words = ["up", "--detach", "--dir", str(self.folder), "--port-base", str(self.port_base)]
        done = run([ROOT / "kindelpost", *words], check=False, timeout=300, cwd=ROOT)
        assert done.code == 0, done.said
        self.__dict__.pop("instance", None)

    def down(self) -> None:
        """Stop it."""
        self.cli("down")

    @cached_property
    def instance(self) -> Instance:
        """The instance, opened for reading."""
        return open_instance(self.folder, outside=find(self.folder))

    @property
    def facts(self) -> Facts:
        """What the instance's renderers know."""
        return self.instance.facts

    @property
    def outside(self) -> Outside:
        """The outside world's addresses."""
        assert self.facts.outside is not None
        return self.facts.outside

    @cached_property
    def context(self) -> ssl.SSLContext:
        """A client's TLS settings that trust the evaluation's CA."""
        return ssl.create_default_context(cafile=str(self.facts.layout.tls("ca") / "ca.pem"))

    @property
    def name(self) -> str:
        """The service's host name."""
        return self.facts.service.hostname

    def port(self, door: str) -> int:
        """The port of a door."""
        return self.facts.port(door)

    def mailbox(self, domain: str = "kadakas.example", *, local: str = "", quota: str = "") -> str:
        """A new mailbox, ready for mail."""
        address = f"{local or unique('m')}@{domain}"
        extra = ["--quota", quota] if quota else []
        self.cli("mailbox", "add", address, "--password-stdin", *extra, stdin=f"{PASSWORD}\n")
        self.known[address] = PASSWORD
        return address

    def socket(self, door: str, *, source: int = GOOD, v6: bool = False) -> socket.socket:
        """A TCP connection to a door from host number `source` of the outside world."""
        there = host(self.outside, source)
        address = self.outside.service_v6 if v6 else self.outside.service_v4
        return connect(self.outside.namespace, address, self.port(door), source=there.v6 if v6 else there.v4, timeout=60)

    def client(self, door: str, *, source: int = GOOD, v6: bool = False, helo: str = "good.outside.example") -> Client:
        """An SMTP client of a door from outside, greeted and no more; implicit TLS where the door has it."""
        there = host(self.outside, source)
        return Client(
            self.outside.namespace,
            self.outside.service_v6 if v6 else self.outside.service_v4,
            self.port(door),
            source=there.v6 if v6 else there.v4,
            helo=helo,
            tls=self.context if door == "submissions" else None,
            name=self.name,
            timeout=60,
        )

    @contextmanager
    def mx(
        self, *, source: int = GOOD, v6: bool = False, tls: bool = True, helo: str = "good.outside.example"
    ) -> Iterator[Client]:
        """A session with the mail exchanger."""
        with self.client("mx", source=source, v6=v6, helo=helo) as client:
            client.ehlo()
            if tls:
                client.starttls(context=self.context)
                client.ehlo()
            yield client

    def deliver(self, sender: str, to: str, raw: bytes, **how: Any) -> tuple[int, str]:  # noqa: ANN401 -- mx()'s own
        """Bring one message to the mail exchanger; the last reply."""
        with self.mx(**how) as client:
            return transact(client, sender, [to], raw)

    @contextmanager
    def submission(self, login: str, *, door: str = "submissions", v6: bool = False, password: str = "") -> Iterator[Client]:
        """A signed-in session with a submission door from outside."""
        # from one host after the other: each may sign in only so often a minute
        with self.client(door, v6=v6, helo="client.outside.example", source=next(CLIENTS)) as client:
            client.ehlo()
            if door == "submission":
                client.starttls(context=self.context)
                client.ehlo()
            client.login(login, password or self.known.get(login, PASSWORD))
            yield client

    def submit(self, login: str, sender: str, to: str, raw: bytes, **how: Any) -> tuple[int, str]:  # noqa: ANN401 -- submission()'s own
        """Submit one message; the last reply."""
        with self.submission(login, **how) as client:
            return transact(client, sender, [to], raw)

    @contextmanager
    def imap(self, login: str, *, password: str = "") -> Iterator[imaplib.IMAP4]:
        """A signed-in IMAP session from outside."""
        client = _Imap(self.context.wrap_socket(self.socket("imaps"), server_hostname=self.name))
        with client:
            client.login(login, password or self.known.get(login, PASSWORD))
            yield client

    def find(self, login: str, subject: str, *, wait: float = 15.0) -> Found | None:
        """The newest message with this subject in INBOX or Junk, or None after `wait` seconds."""
        end = time.monotonic() + wait
        while True:
            with self.imap(login) as client:
                for folder in ("INBOX", "Junk"):
                    client.select(folder, readonly=True)
                    ids = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
                    if ids:
                        return Found(folder, _body(client, ids[-1]))
            if time.monotonic() > end:
                return None
            time.sleep(0.2)

    def txt(self, name: str) -> bytes:
        """A TXT record as the service's own validating resolver sees it; empty where there is none."""
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self.port("resolver")
        try:
            return b"".join(resolver.resolve(name, "TXT")[0].strings)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return b""

    @property
    def mail_log(self) -> str:
        """Postfix's log so far."""
        return (self.facts.layout.log / "mail.log").read_text(errors="replace")

    def sunk(self, subject: str, *, wait: float = 15.0) -> Received | None:
        """What the outside sink took with this subject, or None after `wait` seconds."""
        end = time.monotonic() + wait
        while True:
            for record in reversed(received(self.facts.layout.data("outside") / "inbox")):
                if subject.encode() in record.content:
                    return record
            if time.monotonic() > end:
                return None
            time.sleep(0.2)


def _body(client: imaplib.IMAP4, number: bytes) -> bytes:
    """A message whole; imaplib gives [(what it is, its bytes), b")"]."""
    first = client.fetch(number.decode(), "(BODY.PEEK[])")[1][0]
    assert isinstance(first, tuple)
    return first[1]


class _Imap(imaplib.IMAP4):
    """imaplib on a TLS socket that is open already."""

    def __init__(self, ready: ssl.SSLSocket) -> None:
        self._ready = ready
        super().__init__("given", 1)

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002 -- imaplib's hook
        return self._ready


def transact(client: SMTP, sender: str, recipients: list[str], raw: bytes) -> tuple[int, str]:
    """One mail transaction; the first refusal, or the reply to the data."""
    code, words = client.mail(sender)
    for recipient in recipients:
        if code // 100 == 2:
            code, words = client.rcpt(recipient)
    if code // 100 == 2:
        code, words = client.data(raw)
    if code // 100 != 2:
        client.rset()
    return code, words.decode(errors="replace")


def scratch() -> Path:
    """Where an instance of the journeys lies: service accounts must be able to reach it."""
    return Path(os.environ.get("KP_E2E_DIR", "/var/tmp/kindelpost-e2e"))  # noqa: S108 -- made 0755 on purpose, removed after


def started(running: Service) -> Iterator[Service]:
    """The body of a fixture: the instance is started, given, stopped and removed; KP_E2E_KEEP leaves one running."""
    if os.geteuid() != 0:
        pytest.fail("The journeys start real engines under their own accounts: run them as root.")
    keep = bool(os.environ.get("KP_E2E_KEEP"))
    running.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not (keep and running.cli("status", check=False).code == 0):
        running.up()
    yield running
    if not keep:
        running.down()
        shutil.rmtree(running.folder)
