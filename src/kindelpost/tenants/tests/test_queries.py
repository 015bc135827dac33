"""A client's people reach their own things; a stranger's are not even there (T33)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from kindelpost.journal.actor import Actor
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused
from kindelpost.tenants import queries
from kindelpost.tenants.actions import create_alias, grant_send_as

if TYPE_CHECKING:
    from collections.abc import Callable

    from kindelpost.conftest import World

REACHES: dict[str, Callable[[Actor], Any]] = {
    "client": lambda actor: queries.client_for(actor, "Alfa"),
    "domain": lambda actor: queries.domain_for(actor, "ALFA.test"),
    "mailbox": lambda actor: queries.mailbox_for(actor, "Mari@alfa.test"),
    "alias": lambda actor: queries.alias_for(actor, "info@alfa.test"),
    "grant": lambda actor: queries.grant_for(actor, "mari@alfa.test", "juku@alfa.test"),
}


@pytest.fixture
def full(world: World) -> World:
    create_alias(world.domain, "info", ["mari@alfa.test"], actor=world.alice)
    grant_send_as(world.mari, "juku@alfa.test", reason="r", expires_at=now() + timedelta(days=1), actor=world.alice)
    return world


@pytest.mark.parametrize("thing", REACHES)
def test_its_own_people_and_the_provider_reach_a_thing_and_a_stranger_finds_nothing(full: World, thing: str) -> None:
    assert REACHES[thing](full.alice) == REACHES[thing](full.bob) == REACHES[thing](full.dora)
    for stranger in (full.carl, Actor("client", "eve", "Eve")):
        with pytest.raises(Refused) as refused:
            REACHES[thing](stranger)
        assert refused.value.code == "not-found"


def test_lists_hold_only_what_is_theirs(full: World) -> None:
    for find in (queries.clients_of, queries.domains_of, queries.mailboxes_of, queries.aliases_of, queries.grants_of):
        everything, alices, carls = (set(find(actor)) for actor in (full.dora, full.alice, full.carl))
        assert alices
        assert alices | carls == everything
        assert not alices & carls
        assert not set(find(Actor("client", "eve", "Eve")))


def test_what_does_not_exist_and_what_is_a_strangers_are_told_alike(full: World) -> None:
    said = []
    for name in ("mari@alfa.test", "nobody@alfa.test"):
        with pytest.raises(Refused) as refused:
            queries.mailbox_for(full.carl, name)
        said.append((refused.value.code, refused.value.message.replace(name, "X"), refused.value.hint))
    assert said[0] == said[1]
