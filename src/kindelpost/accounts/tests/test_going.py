"""Who is gone signs in no more, and what is over is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from kindelpost.accounts import timers
from kindelpost.accounts.actions import add_token, enrol_person
from kindelpost.accounts.limits import begin
from kindelpost.accounts.models import Attempt, Enrolment, Person, Token
from kindelpost.accounts.reactions import remove_people_of_client, remove_user_of_mailbox
from kindelpost.journal.models import Entry
from kindelpost.tenants.actions import remove_client, remove_domain, remove_mailbox

if TYPE_CHECKING:
    import pytest
    from time_machine import Traveller

    from kindelpost.accounts.tests.conftest import People
    from kindelpost.conftest import World


def test_a_removed_mailboxs_user_goes_with_it(people: People, world: World) -> None:
    remove_mailbox(world.mari, actor=world.dora)
    remove_user_of_mailbox(Entry.objects.get(name="mailbox.removed"))
    assert {str(one) for one in Person.objects.all()} == {"provider/dora", "client/alice@alfa.test", "client/carl@beta.test"}


def test_a_removed_clients_people_and_tokens_go_with_it(people: People, world: World) -> None:
    add_token("theirs", scopes=["read"], networks=["198.51.100.0/24"], days=9, client_id=world.beta.pk, actor=world.carl)
    remove_mailbox(world.kalle, actor=world.dora)
    remove_domain(world.other_domain, actor=world.dora)
    remove_client(world.beta, actor=world.dora)
    remove_people_of_client(Entry.objects.get(name="client.removed"))
    assert not Person.objects.filter(login="carl@beta.test").exists()
    assert Person.objects.filter(login="alice@alfa.test").exists()
    assert not Token.objects.filter(revoked_at=None).exists()


def test_what_is_over_is_forgotten_once_an_hour(people: People, clock: Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "_last", [])
    enrol_person(people.dora, actor=people.actor("dora"))
    begin("provider/dora", "198.51.100.7")
    session = SessionStore()
    session.set_expiry(timedelta(hours=1))
    session.save()
    timers.tick()
    clock.shift(49 * 3600)
    timers.tick()
    assert not Attempt.objects.exists()
    assert not Enrolment.objects.exists()
    assert not Session.objects.exists()
