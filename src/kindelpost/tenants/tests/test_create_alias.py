"""Aliases: a way in, and a way out only with open eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kindelpost.journal.models import Entry
from kindelpost.lib.errors import Refused
from kindelpost.tenants.actions import create_alias, remove_alias
from kindelpost.tenants.models import Address, Alias

if TYPE_CHECKING:
    from kindelpost.conftest import World


def test_an_alias_leads_to_mailboxes_of_its_client(world: World) -> None:
    alias = create_alias(world.domain, "Info", ["Juku@alfa.test", "mari@alfa.test", "mari@ALFA.test"], actor=world.alice)
    assert [str(target) for target in alias.targets.order_by("text")] == ["juku@alfa.test", "mari@alfa.test"]
    assert (alias.owner, alias.external_acknowledged) == (None, False)


@pytest.mark.parametrize("target", ["x@elsewhere.test", "kalle@beta.test", "nobody@beta.test"])
def test_mail_leaves_the_client_only_when_the_risk_is_acknowledged(world: World, target: str) -> None:
    with pytest.raises(Refused) as refused:
        create_alias(world.domain, "out", [target], actor=world.alice)
    assert refused.value.code == "needs-acknowledgement"
    assert refused.value.data == {"targets": [target]}
    assert not Alias.objects.exists()
    alias = create_alias(world.domain, "out", [target], actor=world.alice, external_acknowledged=True)
    assert alias.external_acknowledged
    assert Entry.objects.latest("id").data["leaving"] == [target]


@pytest.mark.parametrize("targets", [[], ["nobody@alfa.test"], ["info@alfa.test"], ["out@alfa.test"]])
def test_an_alias_leads_somewhere_that_exists_and_never_in_a_circle(world: World, targets: list[str]) -> None:
    create_alias(world.domain, "info", ["mari@alfa.test"], actor=world.alice)
    with pytest.raises(Refused) as refused:
        create_alias(world.domain, "out", targets, actor=world.alice, external_acknowledged=True)
    assert refused.value.code == "bad-targets"


def test_the_owner_is_a_mailbox_of_the_same_client(world: World) -> None:
    with pytest.raises(Refused) as refused:
        create_alias(world.domain, "info", ["mari@alfa.test"], owner=world.kalle, actor=world.dora)
    assert refused.value.code == "bad-owner"
    assert create_alias(world.domain, "info", ["mari@alfa.test"], owner=world.juku, actor=world.dora).owner == world.juku


def test_a_stranger_neither_makes_nor_removes_an_alias(world: World) -> None:
    alias = create_alias(world.domain, "info", ["mari@alfa.test"], actor=world.alice)
    with pytest.raises(Refused):
        create_alias(world.domain, "sales", ["mari@alfa.test"], actor=world.carl)
    with pytest.raises(Refused):
        remove_alias(alias, actor=world.carl)
    remove_alias(alias, actor=world.bob)
    assert not Address.objects.filter(text="info@alfa.test").exists()
    assert Entry.objects.latest("id").name == "alias.removed"
