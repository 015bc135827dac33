"""Tries are counted by account, by network and in all; a known device is counted by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kindelpost.accounts import limits
from kindelpost.accounts.limits import begin, network_of
from kindelpost.journal.models import Entry
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from time_machine import Traveller

pytestmark = pytest.mark.django_db
HERE, THERE = "198.51.100.7", "203.0.113.9"


def test_the_network_around_an_address() -> None:
    assert network_of("198.51.100.7") == "198.51.100.0/24"
    assert network_of("2001:db8:1:2::3") == "2001:db8:1::/48"


def test_one_account_is_closed_from_everywhere_for_a_while(clock: Traveller) -> None:
    for number in range(limits.ACCOUNT):
        begin("provider/dora", f"198.51.{number}.1")
    with pytest.raises(Refused) as refused:
        begin("provider/dora", THERE)
    assert refused.value.code == "too-many-tries"
    assert begin("client/dora", THERE).rows, "the same login of another space is another account"
    clock.shift(limits.WINDOW.total_seconds() + 1)
    assert begin("provider/dora", THERE).rows


def test_a_known_device_is_not_locked_out_by_others(clock: Traveller) -> None:
    for number in range(limits.ACCOUNT):
        begin("provider/dora", f"198.51.{number}.1")
    for _ in range(limits.DEVICE):
        begin("provider/dora", HERE, device="d1")
    with pytest.raises(Refused):
        begin("provider/dora", HERE, device="d1")
    assert begin("provider/dora", HERE, device="d2").rows


def test_one_network_that_tries_many_accounts_is_closed(clock: Traveller) -> None:
    for number in range(limits.NETWORK):
        begin(f"provider/p{number}", f"198.51.100.{number}")
    with pytest.raises(Refused):
        begin("provider/another", HERE)
    assert begin("provider/another", THERE).rows


def test_many_networks_that_try_many_accounts_are_closed(clock: Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ALL", 20)
    for number in range(20):
        begin(f"provider/p{number}", f"198.51.{number}.1")
    with pytest.raises(Refused):
        begin("provider/another", THERE)
    assert begin("provider/dora", THERE, device="d1").rows


def test_a_try_that_succeeds_does_not_count(clock: Traveller) -> None:
    for _ in range(3 * limits.ACCOUNT):
        begin("provider/dora", HERE).succeeded()


def test_a_refused_try_does_not_lengthen_the_wait_and_is_told_once(clock: Traveller) -> None:
    for _ in range(limits.ACCOUNT):
        begin("provider/dora", HERE)
    clock.shift(600)
    for _ in range(5):
        with pytest.raises(Refused):
            begin("provider/dora", HERE)
    clock.shift(301)
    assert begin("provider/dora", HERE).rows
    assert Entry.objects.filter(name="account.sign-in-limited").count() == 1
