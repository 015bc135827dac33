"""Machines' tokens: made, used, revoked. Each is bound to networks and ends within 90 days (M4.4)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from kindelpost.accounts.actions.access import need_over
from kindelpost.accounts.models import Space, Token
from kindelpost.journal.actions import record
from kindelpost.journal.actor import Actor, Thing
from kindelpost.journal.events import Event
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["LONGEST", "PREFIX", "Area", "Scope", "add_token", "revoke_token", "use_token"]

LONGEST = timedelta(days=90)
PREFIX = "kp_"  # found by scanners of leaked secrets
NAME_LIMIT = 100
NOTED = timedelta(minutes=1)  # its last use is kept to the minute: not a write for each request
WIDEST = {4: 8, 6: 19}  # a wider network binds to nothing


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    WRITE = "write"


class Area(StrEnum):
    """Where it may do it: a scope such as `mailboxes:read` is of one area, a plain `read` of all."""

    CLIENTS = "clients"
    DOMAINS = "domains"
    MAILBOXES = "mailboxes"
    PRACTICE = "practice"
    JOURNAL = "journal"
    STATUS = "status"


SCOPES = frozenset({*Scope, *(f"{area}:{scope}" for area in Area for scope in Scope)})


@transaction.atomic
def add_token(
    name: str,
    *,
    scopes: Collection[str],
    networks: Collection[str],
    days: int,
    actor: Actor,
    client_id: int | None = None,
) -> tuple[Token, str]:
    """A token and its text, which nothing shows again. Raises `Refused` (`bad-name bad-scope bad-network bad-expiry taken`)."""
    need_over(actor, Space.PROVIDER if client_id is None else Space.CLIENT, client_id)
    if not name.strip() or len(name) > NAME_LIMIT or not name.isprintable():
        raise Refused("bad-name", "A token needs a name.", "Name the machine or the program that uses it.")
    if not scopes or not set(scopes) <= SCOPES:
        hint = f"They are {' '.join(Scope)}, or of one area: {' '.join(Area)}, such as mailboxes:read."
        raise Refused("bad-scope", "A token needs a scope.", hint)
    if not 1 <= days <= LONGEST.days:
        raise Refused("bad-expiry", f"A token cannot last {days} days.", f"Choose 1 to {LONGEST.days} days.")
    text, at = PREFIX + secrets.token_urlsafe(32), now()
    try:
        with transaction.atomic():
            token = Token.objects.create(
                name=name.strip(),
                client_id=client_id,
                token_hash=_hash(text),
                scopes=sorted(set(scopes)),
                networks=_networks(networks),
                created_at=at,
                created_by=actor.label,
                expires_at=at + timedelta(days=days),
            )
    except IntegrityError as taken:
        raise Refused("taken", f"There is a token {name} already.", "Choose another name, or revoke that one.") from taken
    said = {"scopes": token.scopes, "networks": token.networks, "days": days}
    record(Event.TOKEN_ADDED, _thing(token), actor=actor, client_id=client_id, **said)
    return token, text


def _networks(named: Collection[str]) -> list[str]:
    try:
        networks = [ip_network(one, strict=False) for one in named]
    except ValueError as wrong:
        raise Refused("bad-network", f"{wrong}.", "Write an address or a network such as 198.51.100.0/24.") from wrong
    if not networks or any(one.prefixlen < WIDEST[one.version] for one in networks):
        raise Refused("bad-network", "A token works from named networks only.", "Name the addresses from which it is used.")
    return sorted(str(one) for one in networks)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()  # 256 random bits need no slow hash


def _thing(token: Token) -> Thing:
    return Thing("token", str(token.pk), token.name)


@transaction.atomic
def revoke_token(token: Token, *, actor: Actor) -> None:
    """End a token now."""
    need_over(actor, Space.PROVIDER if token.client_id is None else Space.CLIENT, token.client_id)
    token.revoked_at = now()
    token.save(update_fields=["revoked_at"])
    record(Event.TOKEN_REVOKED, _thing(token), actor=actor, client_id=token.client_id)


def use_token(text: str, address: str, scope: Scope, area: Area | None = None) -> Actor:
    """Who acts by this token from this address, in this area (None: in all of them).

    Raises `Refused`: `bad-token`, the same whatever is wrong; `bad-scope` where it holds but reaches less (RFC 6750 §3.1).
    """
    at, source = now(), ip_address(address)
    token = Token.objects.filter(token_hash=_hash(text), revoked_at=None, expires_at__gt=at).first()
    if token is None or not any(source in ip_network(one) for one in token.networks):
        raise Refused("bad-token", "This token opens nothing here.", "See its networks and its end.")
    wanted = {str(scope), f"{area}:{scope}"} if area else {str(scope)}
    if not wanted & set(token.scopes):
        raise Refused("bad-scope", "This token's scope does not reach this.", f"It takes {' or '.join(sorted(wanted))}.")
    if token.used_at is None or token.used_from != address or at - token.used_at >= NOTED:
        Token.objects.filter(pk=token.pk).update(used_at=at, used_from=address)
    return Actor("client" if token.client_id else "provider", f"machine/{token.pk}", token.name, token.client_id)
