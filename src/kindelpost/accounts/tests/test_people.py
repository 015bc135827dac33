"""People are added and removed by whoever is over them, and a login is somebody's once in its space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kindelpost.accounts.actions import add_person, remove_person
from kindelpost.accounts.models import Person
from kindelpost.accounts.queries import people_of, person_for
from kindelpost.journal.models import Entry
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from kindelpost.accounts.tests.conftest import People
    from kindelpost.conftest import World


def test_the_same_login_in_two_spaces_is_two_people(people: People, world: World) -> None:
    twin = add_person("provider", "alice@alfa.test", "Alice of the provider", actor=world.dora)
    assert twin.pk != people.alice.pk
    with pytest.raises(Refused) as refused:
        add_person("provider", "Alice@alfa.test ", "Once more", actor=world.dora)
    assert refused.value.code == "taken"


@pytest.mark.parametrize("login", ["", "a", " ", "with space", "õ@alfa.test", "-x", "a\nb", "x" * 255])
def test_a_login_is_plain(people: People, world: World, login: str) -> None:
    with pytest.raises(Refused) as refused:
        add_person("provider", login, "Somebody", actor=world.dora)
    assert refused.value.code == "bad-login"


def test_somebody_new_cannot_sign_in(people: People) -> None:
    assert not people.dora.has_usable_password()
    assert not people.dora.check_password("")


def test_a_clients_administrator_adds_her_own_and_nobody_elses(people: People, world: World) -> None:
    alice = people.actor("alice")
    assert add_person("client", "bob@alfa.test", "Bob", client_id=world.alfa.pk, actor=alice).client_id == world.alfa.pk
    for space, client_id in (("client", world.beta.pk), ("provider", None), ("client", None)):
        with pytest.raises(Refused) as refused:
            add_person(space, "eve@alfa.test", "Eve", client_id=client_id, actor=alice)
        assert refused.value.code == "not-found"


def test_a_mailboxs_user_reaches_nobody(people: People, world: World) -> None:
    mari = people.actor("mari")
    assert not people_of(mari).exists()
    with pytest.raises(Refused):
        add_person("mailbox", "x@alfa.test", "X", client_id=world.alfa.pk, address_id=1, actor=mari)
    with pytest.raises(Refused):
        remove_person(people.alice, actor=mari)


def test_strangers_are_not_found(people: People) -> None:
    assert {person.login for person in people_of(people.actor("alice"))} == {"alice@alfa.test", "mari@alfa.test"}
    for space, login in (("client", "carl@beta.test"), ("provider", "dora")):
        with pytest.raises(Refused) as refused:
            person_for(people.actor("alice"), space, login)
        assert refused.value.code == "not-found"


def test_nobody_removes_themselves_or_anothers_people(people: People) -> None:
    with pytest.raises(Refused) as refused:
        remove_person(people.dora, actor=people.actor("dora"))
    assert refused.value.code == "needs-second-person"
    with pytest.raises(Refused):
        remove_person(people.alice, actor=people.actor("carl"))


def test_who_is_removed_stays_in_the_journal(people: People) -> None:
    remove_person(people.alice, actor=people.actor("dora"))
    assert not Person.objects.filter(login="alice@alfa.test").exists()
    entry = Entry.objects.get(name="person.removed")
    assert (entry.subject_label, entry.actor_id) == ("client/alice@alfa.test", "provider/dora")
