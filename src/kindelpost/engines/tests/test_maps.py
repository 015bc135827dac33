"""What engines come to know of tenants, and what they never do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines import reactions
from kindelpost.engines.known import require_mailbox
from kindelpost.engines.maps import MapSource, publish, publish_all, register
from kindelpost.engines.tables import MARK, Lines, Lmdb, MailboxFile
from kindelpost.journal.models import Entry
from kindelpost.journal.sweep import sweep
from kindelpost.lib.clock import now
from kindelpost.lib.errors import EngineFault
from kindelpost.tenants import actions
from kindelpost.tenants.models import Mailbox, State
from kindelpost.tenants.timers import tick

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from time_machine import Traveller

    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout
    from kindelpost.engines.tables import Values

MARI, JUKU, KALLE, INFO = "mari@alfa.test", "juku@alfa.test", "kalle@beta.test", "info@alfa.test"


pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def published(instance: Layout, world: World) -> None:
    """The tables of `world` are published and nothing is pending."""
    publish_all()
    Entry.objects.update(pending=False)


def _lmdb(instance: Layout, name: str) -> dict[str, str]:
    return {key: value for key, (value,) in Lmdb(instance.maps("postfix") / f"{name}.lmdb").read().items()}


def _lines(instance: Layout, name: str) -> dict[str, tuple[str, ...]]:
    """A map of Rspamd's without the mark that each must have."""
    rows = Lines(instance.maps("rspamd") / f"{name}.map").read()
    del rows[MARK]
    return rows


def test_a_full_publish_tells_each_engine_what_it_needs(instance: Layout, world: World) -> None:
    boxes = {MARI, JUKU, KALLE}
    assert _lmdb(instance, "domains") == {"alfa.test": "OK", "beta.test": "OK"}
    assert _lmdb(instance, "mailboxes") == dict.fromkeys(boxes, "OK")
    assert _lmdb(instance, "senders") == {box: box for box in boxes}
    assert _lines(instance, "hosted_domains") == {"alfa.test": (), "beta.test": ()}
    users = MailboxFile(instance.maps("dovecot") / "users.sqlite").read()
    assert users[MARI] == (world.mari.password, "2000000000", str(instance.mail / world.mari.home))


def test_a_second_full_publish_finds_nothing_to_do(instance: Layout) -> None:
    assert set(publish_all().values()) == {0}


def test_only_dovecot_learns_a_password(instance: Layout, world: World) -> None:
    secret = world.mari.password.encode()
    told = {file.parent.name for file in (instance.root / "maps").rglob("*") if file.is_file() and secret in file.read_bytes()}
    assert told == {"dovecot"}


def test_hosted_senders_are_asked_for_as_at_domain(instance: Layout) -> None:
    raw = Lmdb(instance.maps("postfix") / "hosted-senders.lmdb").read()
    assert raw == {"@alfa.test": ("smtp:",), "@beta.test": ("smtp:",)}


def test_a_new_mailbox_is_published_and_becomes_ready(instance: Layout, world: World) -> None:
    made = actions.create_mailbox(world.domain, "liis", password="kivi-kadakas-2026", quota_bytes=10**9, actor=world.alice)
    sweep()
    made.refresh_from_db()
    assert made.state == State.READY
    assert _lmdb(instance, "mailboxes")["liis@alfa.test"] == "OK"


def test_a_mailbox_that_no_engine_knows_stays_being_prepared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "publish", lambda **_keys: None)  # as if the disk had swallowed it
    made = actions.create_mailbox(world.domain, "liis", password="kivi-kadakas-2026", quota_bytes=10**9, actor=world.alice)
    sweep()
    assert Mailbox.objects.get(pk=made.pk).state == State.PREPARING
    with pytest.raises(EngineFault):
        require_mailbox("liis@alfa.test")


def test_a_removed_mailbox_is_nowhere_any_more(instance: Layout, world: World) -> None:
    actions.create_alias(world.domain, "info", [MARI], owner=world.mari, actor=world.alice)
    sweep()
    actions.remove_mailbox(world.mari, actor=world.alice)
    sweep()
    assert MARI not in _lmdb(instance, "mailboxes") | _lmdb(instance, "senders")
    assert MARI not in MailboxFile(instance.maps("dovecot") / "users.sqlite").read()
    assert INFO not in _lmdb(instance, "aliases")  # nothing is accepted that would bounce (T17)
    assert INFO not in _lines(instance, "owners")


def test_an_alias_is_no_right_to_send_but_for_its_owner(instance: Layout, world: World) -> None:
    actions.create_alias(world.domain, "info", [MARI, JUKU], owner=world.juku, actor=world.alice)
    actions.create_alias(world.domain, "all", [MARI, JUKU], actor=world.alice)
    sweep()
    assert _lmdb(instance, "aliases") == {INFO: f"{JUKU}, {MARI}", "all@alfa.test": f"{JUKU}, {MARI}"}
    assert _lmdb(instance, "senders")[INFO] == JUKU
    assert "all@alfa.test" not in _lmdb(instance, "senders")
    assert _lines(instance, "owners") == {INFO: (JUKU,)}


def test_a_grant_works_until_its_moment(instance: Layout, world: World, clock: Traveller) -> None:
    actions.grant_send_as(world.mari, JUKU, reason="r", expires_at=now() + timedelta(hours=1), actor=world.alice)
    sweep()
    assert _lmdb(instance, "senders")[JUKU] == f"{JUKU},{MARI}"
    assert _lines(instance, "owners") == {JUKU: (MARI,)}
    clock.shift(3600)
    tick()
    sweep()
    assert _lmdb(instance, "senders")[JUKU] == JUKU
    assert _lines(instance, "owners") == {}


def test_a_grant_that_is_over_is_not_published_even_before_the_timer(instance: Layout, world: World, clock: Traveller) -> None:
    actions.grant_send_as(world.mari, JUKU, reason="r", expires_at=now() + timedelta(hours=1), actor=world.alice)
    clock.shift(3601)
    publish_all()
    assert _lmdb(instance, "senders")[JUKU] == JUKU


def test_mail_that_leaves_the_service_is_named_for_srs_and_arc(instance: Layout, world: World) -> None:
    far, near = ["x@elsewhere.test"], [KALLE]
    actions.create_alias(world.domain, "far", [*far, MARI], actor=world.alice, external_acknowledged=True)
    actions.create_alias(world.domain, "near", near, actor=world.alice, external_acknowledged=True)
    sweep()
    assert _lines(instance, "forwards") == {"far@alfa.test": ()}
    assert _lmdb(instance, "aliases") == {"far@alfa.test": f"{MARI}, x@elsewhere.test", "near@alfa.test": KALLE}


def test_an_alias_follows_its_target_when_another_client_adds_or_removes_it(instance: Layout, world: World) -> None:
    actions.create_alias(world.domain, "near", [KALLE], actor=world.alice, external_acknowledged=True)
    actions.remove_mailbox(world.kalle, actor=world.carl)
    sweep()
    assert _lmdb(instance, "aliases") == {}
    actions.create_mailbox(world.other_domain, "kalle", password="kivi-kadakas-2026", quota_bytes=10**9, actor=world.carl)
    sweep()
    assert _lmdb(instance, "aliases") == {"near@alfa.test": KALLE}


def test_a_removed_domain_is_forgotten_with_everything_in_it(instance: Layout, world: World) -> None:
    actions.create_alias(world.other_domain, "to-alfa", [MARI], actor=world.carl, external_acknowledged=True)
    sweep()
    actions.remove_domain(world.domain, actor=world.dora, with_contents=True)
    sweep()
    assert _lmdb(instance, "domains") == {"beta.test": "OK"}
    assert set(_lmdb(instance, "mailboxes")) == {KALLE}
    assert _lmdb(instance, "aliases") == {"to-alfa@beta.test": MARI}  # now an address outside
    assert _lines(instance, "forwards") == {"to-alfa@beta.test": ()}
    assert set(publish_all().values()) == {0}


def test_what_was_not_published_while_the_worker_was_down_is_made_equal_at_its_start(instance: Layout, world: World) -> None:
    Mailbox.objects.filter(pk=world.mari.pk).update(quota_bytes=5 * 10**9)
    Lmdb(instance.maps("postfix") / "mailboxes.lmdb").change({"ghost@alfa.test": ("OK",)}, ())
    differed = {name: count for name, count in publish_all().items() if count}
    assert differed == {"dovecot/users": 1, "postfix/mailboxes": 1}
    assert "ghost@alfa.test" not in _lmdb(instance, "mailboxes")


class Watched:
    """A map that notes when it is changed."""

    def __init__(self, name: str, seen: list[str]) -> None:
        self.name, self.seen = name, seen

    def read(self) -> dict[str, Values]:
        return {}

    def change(self, rows: Mapping[str, Values], gone: Collection[str]) -> None:
        self.seen.append(f"{self.name}{'+' * len(rows)}{'-' * len(gone)}")


def test_a_new_row_reaches_the_last_reader_first_and_a_removed_one_leaves_it_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kindelpost.engines.maps._sources", {})
    seen: list[str] = []
    exists = {"x@a.test": ("OK",)}
    register(
        MapSource("postfix", "address", lambda _at: Watched("postfix", seen), lambda _keys: exists, 30),
        MapSource("dovecot", "address", lambda _at: Watched("dovecot", seen), lambda _keys: exists, 10),
    )
    publish(addresses=["x@a.test", "gone@a.test"])
    assert seen == ["postfix-", "dovecot-", "dovecot+", "postfix+"]
