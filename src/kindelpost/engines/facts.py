"""What a renderer may know: the instance's folders, accounts, ports, secrets, and the installed engines' versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kindelpost.config.service import Service

__all__ = ["ACCOUNTS", "Facts", "Layout", "Outside"]

# Each process under its own Unix account (M3.1). Debian's own where the package's binaries insist on them (Postfix, Dovecot).
ACCOUNTS: Mapping[str, str] = {
    "control": "kp-control",  # our own Python: publisher, worker, database file
    "mail": "kp-mail",  # owns the mailboxes; Dovecot's imap and lmtp run as it
    "rspamd": "kp-rspamd",
    "clamav": "kp-clamav",
    "freshclam": "kp-freshclam",
    "images": "kp-images",  # decodes the images of mail
    "redis": "kp-redis",
    "unbound": "kp-unbound",
    "nginx": "kp-nginx",
    "srs": "kp-srs",
    "sts": "kp-sts",
    "outside": "kp-outside",  # evaluation and tests: the world beyond the service
    "postfix": "postfix",
    "dovecot": "dovecot",
}


@dataclass(frozen=True)
class Layout:
    """Where things lie in one instance; everything of an instance is under `root`."""

    root: Path

    def etc(self, engine: str) -> Path:
        """The live configuration folder of an engine: a symbolic link that apply.py swaps."""
        return self.root / "etc" / engine

    def maps(self, engine: str) -> Path:
        """What the publisher lets this engine know; written by kp-control, readable by the engine's group."""
        return self.root / "maps" / engine

    def run(self, engine: str) -> Path:
        """Sockets and pid files."""
        return self.root / "run" / engine

    def data(self, engine: str) -> Path:
        """State that must outlive a restart: queue, signatures, statistics, mailboxes, database."""
        return self.root / "data" / engine

    def tls(self, name: str) -> Path:
        """Certificates and keys, a folder a holder."""
        return self.root / "tls" / name

    @property
    def code(self) -> Path:
        """The copy of our own code that the instance's processes run: a checkout need not be readable by them."""
        return self.root / "code"

    @property
    def secrets(self) -> Path:
        """One file a secret, readable by root alone."""
        return self.root / "secrets"

    @property
    def log(self) -> Path:
        """One log file a process."""
        return self.root / "log"

    @property
    def mail(self) -> Path:
        """The mailboxes: mail/<domain>/<local part>/Maildir."""
        return self.root / "data" / "mail"


@dataclass(frozen=True)
class Outside:
    """The namespace that plays the outside world (evaluation and tests); addresses are from the documentation ranges."""

    namespace: str
    service_v4: str  # the host's side of the veth: where the outside world finds the service
    service_v6: str
    world_v4: str  # the namespace's first address: name server and mail sink; more addresses follow it
    world_v6: str
    prefix_v4: int = 28
    prefix_v6: int = 64


@dataclass(frozen=True)
class Facts:
    """Everything a renderer may use. `versions` maps an engine's name to its installed version as integers, (3, 7, 11)."""

    layout: Layout
    service: Service
    versions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)  # name → value, one each, never shared by two uses (M3.2)
    outside: Outside | None = None

    def version(self, engine: str) -> tuple[int, ...]:
        """The installed version of `engine`; a renderer that asks for an unknown one is a bug."""
        return self.versions[engine]

    def port(self, name: str) -> int:
        """The port of a front door (`mx submissions submission imaps managesieve portal`) or of an internal one."""
        return self.service.listen.port(name)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses on which the front doors listen, the veth's own included where there is an outside world."""
        own = tuple(str(address) for address in self.service.listen.addresses)
        if self.outside is None:
            return own
        return (*own, self.outside.service_v4, self.outside.service_v6)
