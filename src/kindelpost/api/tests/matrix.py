"""Every operation of the API, asked for alfa's thing, for beta's, and for one that is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kindelpost.conftest import PASSWORD
from kindelpost.journal.models import Entry
from kindelpost.lib.clock import now
from kindelpost.tenants import actions
from kindelpost.tenants.queries import mailbox_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from kindelpost.conftest import World
    from kindelpost.tenants.models import Domain, Mailbox

TARGET = "lainud@alfa.test"  # gone; of alfa, and what beta itself has written as a target


@dataclass(frozen=True)
class Things:
    """What is one client's, or was."""

    client: str
    domain: str
    mailbox: str
    other: str
    alias: str
    entry: int
    check: str = "P6.1"
    clause: str = "P6"


@dataclass(frozen=True)
class Case:
    """How an operation is asked for somebody's things; what the provider gets; what a client gets for its own."""

    method: str
    path: Callable[[Things], str]
    ok: int = 200
    own: int = 0  # 0: as the provider
    body: Callable[[Things], Any] = lambda _things: None
    shared: bool = False  # names nobody's thing: everybody may ask, each sees its own

    def for_own(self) -> int:
        return self.own or self.ok


def _grant(things: Things) -> dict[str, Any]:
    until = (now() + timedelta(days=30)).isoformat()
    return {"mailbox": things.mailbox, "address": things.other, "reason": "holiday", "expires_at": until}


CASES = {
    "listClients": Case("GET", lambda _: "clients", shared=True),
    "createClient": Case("POST", lambda _: "clients", 201, 403, lambda _: {"slug": "delta", "name": "Delta"}, shared=True),
    "getClient": Case("GET", lambda of: f"clients/{of.client}"),
    "removeClient": Case("DELETE", lambda of: f"clients/{of.client}", 409, 403),  # it has domains
    "listDomains": Case("GET", lambda _: "domains", shared=True),
    "createDomain": Case("POST", lambda _: "domains", 201, 403, lambda of: {"client": of.client, "name": "uus.test"}),
    "getDomain": Case("GET", lambda of: f"domains/{of.domain}"),
    "listDnsRecords": Case("GET", lambda of: f"domains/{of.domain}/records"),
    "removeDomain": Case("DELETE", lambda of: f"domains/{of.domain}?with_contents=true", 204, 403),
    "listMailboxes": Case("GET", lambda _: "mailboxes", shared=True),
    "createMailbox": Case("POST", lambda _: "mailboxes", 201, body=lambda of: {"address": f"uus@{of.domain}"}),
    "getMailbox": Case("GET", lambda of: f"mailboxes/{of.mailbox}"),
    "setMailboxQuota": Case("PUT", lambda of: f"mailboxes/{of.mailbox}/quota", body=lambda _: {"quota_bytes": 5_000_000}),
    "setMailboxPassword": Case(
        "PUT", lambda of: f"mailboxes/{of.mailbox}/password", 204, body=lambda _: {"password": PASSWORD}
    ),
    "removeMailbox": Case("DELETE", lambda of: f"mailboxes/{of.mailbox}", 204),
    "listAliases": Case("GET", lambda _: "aliases", shared=True),
    "createAlias": Case(
        "POST", lambda _: "aliases", 201, body=lambda of: {"address": f"uus@{of.domain}", "targets": [of.mailbox]}
    ),
    "getAlias": Case("GET", lambda of: f"aliases/{of.alias}"),
    "removeAlias": Case("DELETE", lambda of: f"aliases/{of.alias}", 204),
    "listGrants": Case("GET", lambda _: "send-as", shared=True),
    "grantSendAs": Case("POST", lambda _: "send-as", 201, body=_grant),
    "getGrant": Case("GET", lambda of: f"send-as/{of.mailbox}/{of.alias}"),
    "revokeSendAs": Case("DELETE", lambda of: f"send-as/{of.mailbox}/{of.alias}", 204),
    "listClauses": Case("GET", lambda _: "clauses", shared=True),
    "getClause": Case("GET", lambda _: "clauses/P6", shared=True),
    "listChecks": Case("GET", lambda _: "checks", shared=True),
    "getCheck": Case("GET", lambda _: "checks/P6.1", shared=True),
    "exportEvidence": Case("GET", lambda of: f"evidence?client={of.client}"),
    "listEntries": Case("GET", lambda _: "journal", shared=True),
    "getEntry": Case("GET", lambda of: f"journal/{of.entry}"),
    "getStatus": Case("GET", lambda _: "status", 200, 404, shared=True),
}


def build(world: World) -> dict[str, Things]:
    """Of each client an alias and a grant; a client, a domain, a mailbox and an alias that are no more."""
    hanna = actions.create_mailbox(world.other_domain, "hanna", password=PASSWORD, quota_bytes=10**9, actor=world.dora)
    rows = {
        "alfa": _of(world, world.domain, world.mari, world.juku),
        "beta": _of(world, world.other_domain, world.kalle, hanna),
    }
    return {**rows, "gone": _gone(world)}


def _of(world: World, domain: Domain, box: Mailbox, other: Mailbox) -> Things:
    alias = actions.create_alias(domain, "info", [str(box)], actor=world.dora)
    until = now() + timedelta(days=30)
    actions.grant_send_as(box, str(alias), reason="the front desk", expires_at=until, actor=world.dora)
    entry = Entry.objects.filter(client_id=domain.client_id).order_by("-id").values_list("id", flat=True)[0]
    return Things(domain.client.slug, domain.name, str(box), str(other), str(alias), entry)


def _gone(world: World) -> Things:
    """An alias of beta's led to alfa's mailbox that is gone: alfa's journal says so, and not to alfa."""
    gama = actions.create_client("gama", "Gama", actor=world.dora)
    domain = actions.create_domain(gama, "gama.test", actor=world.dora)
    actions.create_mailbox(domain, "liis", password=PASSWORD, quota_bytes=10**9, actor=world.dora)
    box = actions.create_mailbox(world.domain, TARGET.partition("@")[0], password=PASSWORD, quota_bytes=10**9, actor=world.dora)
    actions.create_alias(world.other_domain, "kiri", [str(box)], actor=world.dora, external_acknowledged=True)
    alias = actions.create_alias(world.domain, "vana", [str(box)], actor=world.dora)
    actions.remove_alias(alias, actor=world.dora)
    actions.remove_mailbox(mailbox_for(world.dora, str(box)), actor=world.dora)
    actions.remove_domain(domain, actor=world.dora, with_contents=True)
    actions.remove_client(gama, actor=world.dora)
    return Things("gama", "gama.test", str(box), "liis@gama.test", "vana@alfa.test", 10**9)
