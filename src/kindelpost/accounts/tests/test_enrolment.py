"""A link works once and for 48 hours; recovery takes a second person and every way in away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from kindelpost.accounts.actions import enrol_person, finish_enrolment, recover_person, redeem_enrolment, set_password
from kindelpost.accounts.models import Enrolment
from kindelpost.accounts.queries import has_second_factor
from kindelpost.conftest import PASSWORD
from kindelpost.journal.models import Entry
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from time_machine import Traveller

    from kindelpost.accounts.models import Person
    from kindelpost.accounts.tests.conftest import People

HOUR = 3600


def enrolled(person: Person) -> Person:
    set_password(person, PASSWORD)
    TOTP.activate(person, generate_totp_secret())
    finish_enrolment(person)
    return person


def test_a_link_works_once(people: People) -> None:
    token = enrol_person(people.alice, actor=people.actor("dora"))
    assert redeem_enrolment(token) == people.alice
    with pytest.raises(Refused) as refused:
        redeem_enrolment(token)
    assert refused.value.code == "link-over"


def test_a_link_ends_after_48_hours(people: People, clock: Traveller) -> None:
    token = enrol_person(people.alice, actor=people.actor("dora"))
    clock.shift(48 * HOUR - 1)
    assert redeem_enrolment(token) == people.alice
    late = enrol_person(people.carl, actor=people.actor("dora"))
    clock.shift(48 * HOUR)
    with pytest.raises(Refused):
        redeem_enrolment(late)


def test_a_newer_link_ends_the_older(people: People) -> None:
    old = enrol_person(people.alice, actor=people.actor("dora"))
    new = enrol_person(people.alice, actor=people.actor("dora"))
    with pytest.raises(Refused):
        redeem_enrolment(old)
    assert redeem_enrolment(new) == people.alice


def test_only_the_links_hash_is_kept(people: People) -> None:
    token = enrol_person(people.alice, actor=people.actor("dora"))
    kept = Enrolment.objects.get()
    assert token not in str(vars(kept))
    assert token not in str(list(Entry.objects.values()))


def test_who_has_a_way_in_gets_no_link_but_is_recovered(people: People) -> None:
    alice = enrolled(people.alice)
    with pytest.raises(Refused) as refused:
        enrol_person(alice, actor=people.actor("dora"))
    assert refused.value.code == "enrolled"
    assert redeem_enrolment(recover_person(alice, actor=people.actor("dora"))) == alice


def test_recovery_takes_a_second_person(people: People) -> None:
    dora = enrolled(people.dora)
    with pytest.raises(Refused) as refused:
        recover_person(dora, actor=people.actor("dora"))
    assert refused.value.code == "needs-second-person"
    assert has_second_factor(dora)


def test_recovery_takes_every_way_in_away(people: People) -> None:
    alice = enrolled(people.alice)
    recover_person(alice, actor=people.actor("dora"))
    alice.refresh_from_db()
    assert not Authenticator.objects.filter(user=alice).exists()
    assert not alice.has_usable_password()
    assert Entry.objects.filter(name="person.recovered", actor_id="provider/dora").exists()


def test_another_client_recovers_nobody_here(people: People) -> None:
    with pytest.raises(Refused) as refused:
        recover_person(people.alice, actor=people.actor("carl"))
    assert refused.value.code == "not-found"


def test_enrolment_does_not_end_without_a_second_factor(people: People) -> None:
    set_password(people.alice, PASSWORD)
    with pytest.raises(Refused) as refused:
        finish_enrolment(people.alice)
    assert refused.value.code == "needs-second-factor"
    finish_enrolment(people.mari)  # a mailbox's user may


def test_a_secret_lies_sealed_in_the_database(people: People) -> None:
    secret = generate_totp_secret()
    kept = TOTP.activate(people.alice, secret).instance
    kept.refresh_from_db()
    assert secret not in str(kept.data)
