"""The sealed account: a password and codes in an envelope, and an alarm when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator

from kindelpost.accounts.actions import note_sign_in, recover_person, seal_break_glass
from kindelpost.accounts.queries import has_second_factor
from kindelpost.journal.models import Entry
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from kindelpost.accounts.tests.conftest import People
    from kindelpost.conftest import World


def test_it_has_a_password_and_codes_that_are_kept_nowhere_else(people: People, world: World) -> None:
    sealed, password, codes = seal_break_glass("envelope", actor=world.dora)
    assert sealed.check_password(password)
    assert len(set(codes)) == 10
    assert all(secret not in str(list(Entry.objects.values())) for secret in (password, *codes))
    rows = str(list(Authenticator.objects.values()))
    assert all(code not in rows for code in codes)


def test_its_password_alone_opens_nothing(people: People, world: World) -> None:
    sealed, _password, _codes = seal_break_glass("envelope", actor=world.dora)
    assert has_second_factor(sealed)
    asked_for = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]  # what makes allauth ask for the second step
    assert get_adapter().is_mfa_enabled(sealed, types=asked_for)


def test_its_use_raises_an_alarm(people: People, world: World) -> None:
    sealed, _password, _codes = seal_break_glass("envelope", actor=world.dora)
    note_sign_in(sealed, means=["password", "recovery_codes"], address="198.51.100.7")
    entry = Entry.objects.get(name="account.break-glass-used")
    assert entry.data == {"means": ["password", "recovery_codes"], "address": "198.51.100.7"}


def test_others_raise_none(people: People) -> None:
    note_sign_in(people.dora, means=["webauthn"], address="198.51.100.7")
    assert not Entry.objects.filter(name="account.break-glass-used").exists()


def test_it_is_the_providers_and_has_no_link(people: People, world: World) -> None:
    with pytest.raises(Refused):
        seal_break_glass("envelope", actor=people.actor("alice"))
    sealed, _password, _codes = seal_break_glass("envelope", actor=world.dora)
    with pytest.raises(Refused) as refused:
        recover_person(sealed, actor=people.actor("dora"))
    assert refused.value.code == "sealed"
