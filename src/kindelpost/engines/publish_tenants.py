"""What the engines may know of tenants, map by map. Keys are asked for by address or domain; None asks for all."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model, QuerySet

from kindelpost.engines.maps import MapSource, layout, marked, register
from kindelpost.engines.tables import Lines, Lmdb, MailboxFile, Values
from kindelpost.lib.clock import now
from kindelpost.tenants.models import Alias, AliasTarget, Domain, Mailbox, SendAsGrant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["register_tenants"]

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")
OK: Values = ("OK",)
CHUNK = 5000  # SQLite allows 250,000 variables, PostgreSQL 65,535


def _among(rows: QuerySet[Row, Item], field: str, keys: Collection[str] | None) -> Iterable[Item]:
    """The rows whose `field` is among `keys`, or all of them."""
    if keys is None:
        yield from rows.iterator(CHUNK)
        return
    wanted = sorted(keys)
    for start in range(0, len(wanted), CHUNK):
        yield from rows.filter(**{f"{field}__in": wanted[start : start + CHUNK]})


def _joined(pairs: Iterable[tuple[str, str]], separator: str) -> Mapping[str, Values]:
    gathered: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        gathered[key].add(value)
    return {key: (separator.join(sorted(values)),) for key, values in gathered.items()}


def _domains(keys: Collection[str] | None) -> Mapping[str, Values]:
    return {name: OK for (name,) in _among(Domain.objects.values_list("name"), "name", keys)}


def _hosted_senders(keys: Collection[str] | None) -> Mapping[str, Values]:
    return dict.fromkeys(_domains(keys), ("smtp:",))


def _hosted_lines(keys: Collection[str] | None) -> Mapping[str, Values]:
    return dict.fromkeys(_domains(keys), ())


def _users(keys: Collection[str] | None) -> Mapping[str, Values]:
    root = str(layout().mail)
    rows = Mailbox.objects.values_list("address__text", "password", "quota_bytes", "home")
    found = _among(rows, "address__text", keys)
    return {address: (password, str(quota), f"{root}/{home}") for address, password, quota, home in found}


def _mailboxes(keys: Collection[str] | None) -> Mapping[str, Values]:
    return {address: OK for (address,) in _among(Mailbox.objects.values_list("address__text"), "address__text", keys)}


def _live_targets(keys: Collection[str] | None) -> list[tuple[str, str, bool]]:
    """(alias, target, leaves the service) without targets that would bounce: a hosted name that is no mailbox (T17)."""
    targets = list(_among(AliasTarget.objects.values_list("alias__address__text", "text"), "alias__address__text", keys))
    named = {target for _, target in targets}
    boxes, hosted = _mailboxes(named), _domains({target.rpartition("@")[2] for target in named})
    leaving = {target for target in named if target.rpartition("@")[2] not in hosted}
    return [(alias, target, target in leaving) for alias, target in targets if target in boxes or target in leaving]


def _aliases(keys: Collection[str] | None) -> Mapping[str, Values]:
    return _joined(((alias, target) for alias, target, _ in _live_targets(keys)), ", ")


def _forwards(keys: Collection[str] | None) -> Mapping[str, Values]:
    return {alias: () for alias, _, leaves in _live_targets(keys) if leaves}


def _rights(keys: Collection[str] | None) -> Iterable[tuple[str, str]]:
    """(address, login) for every right to send as an address that is not the login itself: owned aliases, live grants."""
    aliases = Alias.objects.exclude(owner=None).values_list("address__text", "owner__address__text")
    yield from _among(aliases, "address__text", keys)
    grants = SendAsGrant.objects.filter(expires_at__gt=now()).values_list("address__text", "mailbox__address__text")
    yield from _among(grants, "address__text", keys)


def _owners(keys: Collection[str] | None) -> Mapping[str, Values]:
    return _joined(_rights(keys), ",")


def _senders(keys: Collection[str] | None) -> Mapping[str, Values]:
    own = ((address, address) for address in _mailboxes(keys))
    return _joined([*own, *_rights(keys)], ",")


def register_tenants() -> None:
    """Register every map that is about tenants; Dovecot's before Rspamd's before Postfix's."""
    register(
        MapSource("dovecot/users", "address", lambda at: MailboxFile(at.maps("dovecot") / "users.sqlite"), _users, 10),
        MapSource(
            "rspamd/hosted", "domain", lambda at: Lines(at.maps("rspamd") / "hosted_domains.map"), marked(_hosted_lines), 20
        ),
        MapSource(
            "rspamd/owners", "address", lambda at: Lines(at.maps("rspamd") / "owners.map"), marked(_owners, ("nobody",)), 20
        ),
        MapSource("rspamd/forwards", "address", lambda at: Lines(at.maps("rspamd") / "forwards.map"), marked(_forwards), 20),
        MapSource("postfix/senders", "address", lambda at: Lmdb(at.maps("postfix") / "senders.lmdb"), _senders, 30),
        MapSource("postfix/aliases", "address", lambda at: Lmdb(at.maps("postfix") / "aliases.lmdb"), _aliases, 30),
        MapSource("postfix/mailboxes", "address", lambda at: Lmdb(at.maps("postfix") / "mailboxes.lmdb"), _mailboxes, 30),
        MapSource(
            "postfix/hosted-senders",
            "domain",
            lambda at: Lmdb(at.maps("postfix") / "hosted-senders.lmdb", "@"),
            _hosted_senders,
            30,
        ),
        MapSource("postfix/domains", "domain", lambda at: Lmdb(at.maps("postfix") / "domains.lmdb"), _domains, 40),
    )
