"""The service's own two clients, whose mailboxes try it: real ones, known to every engine as any other is (P3, P6).

Their passwords lie in data/control/canary.json, for the control account alone. Nobody else sees them: `tenants.queries`.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from kindelpost.engines.maps import layout
from kindelpost.journal.actor import SYSTEM
from kindelpost.lib.clock import now
from kindelpost.lib.files import write_atomic
from kindelpost.practice.redaction import knows_secrets
from kindelpost.tenants import queries
from kindelpost.tenants.actions import (
    create_alias,
    create_client,
    create_domain,
    create_mailbox,
    grant_send_as,
)
from kindelpost.tenants.models import State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kindelpost.tenants.models import Mailbox

__all__ = ["Canary", "canary", "ensure", "ready"]

NAMES = ("a", "b")  # two clients, so that one can be tried against the other
QUOTA_BYTES = 200_000_000
GRANTED, RENEWED = timedelta(days=90), timedelta(days=30)


@dataclass(frozen=True)
class Canary:
    """A mailbox of the service's own."""

    address: str
    password: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]

    def named(self, kind: str) -> str:
        """Another address of its domain: `alias` is its own, `shared` granted to it, `other` neither."""
        return self.address.replace("canary", kind, 1)

    @property
    def login(self) -> tuple[str, str]:
        """What `tries.smtp` and `tries.imap` sign in with."""
        return self.address, self.password


def canary(name: str = "a") -> Canary:
    """The mailbox of the canary client `a` or `b`. Raises `LookupError` until the worker has made it."""
    held = _held().get(name)
    if held is None:
        raise LookupError("The service's own mailbox is not there yet.")
    return Canary(*held)


def ensure() -> None:
    """Make what is missing of the two; safe to call again. The engines learn of it as of any client."""
    held = _held()
    for name in NAMES:
        domain_name = f"canary-{name}.{settings.SERVICE.hostname}"
        address, password = held.get(name, ("", ""))
        if not address.endswith(f"@{domain_name}"):
            # A name that nobody can guess: whoever knew it could fill the mailbox, and every check of it would fail.
            address, password = f"canary-{secrets.token_hex(5)}@{domain_name}", secrets.token_urlsafe(24)
            write_atomic(_file(), json.dumps({**held, name: (address, password)}), mode=0o600)
            held = _held()
        if not _there(address):
            _make(f"canary-{name}", Canary(address, password))
        _names(queries.mailboxes_of(SYSTEM).get(address__text=address), Canary(address, password))


def _there(address: str) -> bool:
    return queries.mailboxes_of(SYSTEM).filter(address__text=address).exists()


@transaction.atomic
def _make(slug: str, made: Canary) -> None:
    client = queries.clients_of(SYSTEM).filter(slug=slug).first()
    client = client or create_client(slug, "Kindelpost canary", actor=SYSTEM, internal=True)
    domain = client.domains.filter(name=made.domain).first() or create_domain(client, made.domain, actor=SYSTEM)
    local = made.address.partition("@")[0]
    create_mailbox(domain, local, password=made.password, quota_bytes=QUOTA_BYTES, actor=SYSTEM)


@transaction.atomic
def _names(mailbox: Mailbox, made: Canary) -> None:
    """The addresses besides the mailbox's own, and a grant that never ends while somebody renews it."""
    domain = mailbox.address.domain
    there = set(domain.addresses.values_list("text", flat=True))
    for kind, owner in (("alias", mailbox), ("shared", None), ("other", None)):
        if made.named(kind) not in there:
            create_alias(domain, made.named(kind).partition("@")[0], [str(mailbox)], owner=owner, actor=SYSTEM)
    if not mailbox.grants.filter(expires_at__gt=now() + RENEWED).exists():
        reason = "it is tried that a grant works (P6.2)"
        grant_send_as(mailbox, made.named("shared"), reason=reason, expires_at=now() + GRANTED, actor=SYSTEM)


def ready() -> bool:
    """Do the engines know both?"""
    boxes = queries.mailboxes_of(SYSTEM).filter(address__domain__client__internal=True)
    return [box.state for box in boxes] == [State.READY] * len(NAMES)


def _file() -> Path:
    return layout().data("control") / "canary.json"


def _held() -> dict[str, tuple[str, str]]:
    if not _file().exists():
        return {}
    return {name: (address, password) for name, (address, password) in json.loads(_file().read_text("utf-8")).items()}


@knows_secrets
def passwords() -> Iterable[str]:
    """For the redaction of records."""
    return [password for _address, password in _held().values()]
