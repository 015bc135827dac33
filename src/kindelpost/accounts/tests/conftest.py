"""People of the three spaces; the key that seals secrets lies in a folder of the test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from kindelpost.accounts.actions import add_person
from kindelpost.accounts.queries import actor_of

if TYPE_CHECKING:
    from kindelpost.accounts.models import Person
    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout
    from kindelpost.journal.actor import Actor


@dataclass(frozen=True)
class People:
    dora: Person  # the provider's
    alice: Person  # administrator of alfa
    carl: Person  # administrator of beta
    mari: Person  # user of mari@alfa.test

    def actor(self, name: str) -> Actor:
        return actor_of(getattr(self, name))


@pytest.fixture
def people(instance: Layout, world: World) -> People:
    alfa, address = world.alfa.pk, world.mari.address_id
    return People(
        dora=add_person("provider", "dora", "Dora", actor=world.dora),
        alice=add_person("client", "alice@alfa.test", "Alice", client_id=world.alfa.pk, actor=world.dora),
        carl=add_person("client", "carl@beta.test", "Carl", client_id=world.beta.pk, actor=world.dora),
        mari=add_person("mailbox", "mari@alfa.test", "Mari", client_id=alfa, address_id=address, actor=world.dora),
    )
