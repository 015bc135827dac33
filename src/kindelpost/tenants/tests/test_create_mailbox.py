"""Mailboxes: one address each, a quota from the start, never another's mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from kindelpost.journal.models import Entry
from kindelpost.lib.errors import Refused
from kindelpost.tenants.actions import (
    create_alias,
    create_mailbox,
    mark_mailbox_ready,
    remove_mailbox,
    set_mailbox_quota,
    set_password,
)
from kindelpost.tenants.models import Address, Alias, Mailbox, SendAsGrant

if TYPE_CHECKING:
    from kindelpost.conftest import World
    from kindelpost.journal.actor import Actor
    from kindelpost.tenants.models import Domain

GOOD = "kadakas-ja-kivi-2026"


def _make(domain: Domain, local: str, actor: Actor, quota: int = 10**9) -> Mailbox:
    return create_mailbox(domain, local, password=GOOD, quota_bytes=quota, actor=actor)


def test_a_clients_administrator_and_her_help_desk_make_mailboxes(world: World) -> None:
    for actor, local in ((world.alice, "Liis"), (world.bob, "leo")):
        mailbox = _make(world.domain, local, actor)
        entry = Entry.objects.latest("id")
        assert str(mailbox) == f"{local.lower()}@alfa.test"
        assert (entry.name, entry.actor_id, entry.client_id) == ("mailbox.created", actor.id, world.alfa.pk)


def test_a_stranger_does_not(world: World) -> None:
    with pytest.raises(Refused) as refused:
        _make(world.domain, "liis", world.carl)
    assert refused.value.code == "not-found"
    assert not Address.objects.filter(text="liis@alfa.test").exists()


def test_no_password_reaches_the_journal(world: World) -> None:
    set_password(world.mari, "another-kadakas-2027", actor=world.alice)
    text = str(list(Entry.objects.values_list("data", flat=True)))
    assert "kadakas" not in text
    assert "ARGON2" not in text


def test_an_address_is_one_mailbox_or_one_alias(world: World) -> None:
    create_alias(world.domain, "info", ["mari@alfa.test"], actor=world.alice)
    for local in ("MARI", "info"):
        with pytest.raises(Refused) as refused:
            _make(world.domain, local, world.alice)
        assert refused.value.code == "taken"
        with pytest.raises(Refused) as refused:
            create_alias(world.domain, local, ["juku@alfa.test"], actor=world.alice)
        assert refused.value.code == "taken"


def test_the_database_itself_refuses_a_second_use_of_an_address(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.create(domain=world.domain, text="mari@alfa.test")
    with pytest.raises(IntegrityError), transaction.atomic():
        Mailbox.objects.create(address=world.mari.address, home="x", quota_bytes=1, password="x")


@pytest.mark.parametrize("local", ["", "a+b", "a b", "../etc", 'a"b', "a@b", "õ"])
def test_a_bad_local_part_is_refused(world: World, local: str) -> None:
    with pytest.raises(Refused) as refused:
        _make(world.domain, local, world.alice)
    assert refused.value.code == "bad-address"


@pytest.mark.parametrize("quota", [-1, 0, 999_999, 10**15])
def test_a_quota_out_of_range_is_refused(world: World, quota: int) -> None:
    with pytest.raises(Refused) as refused:
        _make(world.domain, "liis", world.alice, quota)
    assert refused.value.code == "bad-quota"
    with pytest.raises(Refused):
        set_mailbox_quota(world.mari, quota, actor=world.alice)


def test_a_refused_mailbox_leaves_its_name_free(world: World) -> None:
    with pytest.raises(Refused):
        create_mailbox(world.domain, "liis", password="weak", quota_bytes=10**9, actor=world.alice)
    assert _make(world.domain, "liis", world.alice).pk


def test_a_removed_address_that_comes_back_has_another_home(world: World) -> None:
    old = world.mari.home
    remove_mailbox(world.mari, actor=world.alice)
    entry = Entry.objects.latest("id")
    again = _make(world.domain, "mari", world.alice)
    assert (entry.name, entry.data["home"]) == ("mailbox.removed", old)
    assert again.home.startswith("alfa.test/mari-")
    assert again.home != old


def test_removing_a_mailbox_takes_its_rights_and_keeps_the_alias_without_owner(world: World) -> None:
    create_alias(world.domain, "info", ["juku@alfa.test", "mari@alfa.test"], owner=world.mari, actor=world.alice)
    remove_mailbox(world.mari, actor=world.alice)
    assert Alias.objects.get().owner is None
    assert not SendAsGrant.objects.exists()
    assert Entry.objects.latest("id").data["touched"] == ["info@alfa.test"]


@pytest.mark.parametrize("act", ["quota", "password", "remove"])
def test_a_stranger_changes_nothing(world: World, act: str) -> None:
    acts = {
        "quota": lambda actor: set_mailbox_quota(world.mari, 10**9, actor=actor),
        "password": lambda actor: set_password(world.mari, "another-kivi-2027", actor=actor),
        "remove": lambda actor: remove_mailbox(world.mari, actor=actor),
    }
    with pytest.raises(Refused) as refused:
        acts[act](world.carl)
    assert refused.value.code == "not-found"
    acts[act](world.alice)


def test_a_mailbox_becomes_ready_once(world: World) -> None:
    mark_mailbox_ready(world.mari)
    mark_mailbox_ready(world.mari)
    assert Entry.objects.filter(name="mailbox.ready").count() == 1
