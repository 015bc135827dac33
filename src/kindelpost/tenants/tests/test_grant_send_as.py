"""Send-as: for a reason, until a moment, inside one client (P6.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from kindelpost.journal.models import Entry
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused
from kindelpost.tenants.actions import create_alias, grant_send_as, remove_alias, revoke_send_as
from kindelpost.tenants.models import SendAsGrant
from kindelpost.tenants.timers import tick

if TYPE_CHECKING:
    from time_machine import Traveller

    from kindelpost.conftest import World
    from kindelpost.journal.actor import Actor

DAY = timedelta(days=1)


def _grant(
    world: World, actor: Actor, address: str = "juku@alfa.test", reason: str = "assistant", days: float = 30
) -> SendAsGrant:
    return grant_send_as(world.mari, address, reason=reason, expires_at=now() + days * DAY, actor=actor)


def test_a_grant_says_who_gave_it_why_and_until_when(world: World) -> None:
    grant = _grant(world, world.alice)
    assert (str(grant), grant.reason, grant.granted_by) == ("mari@alfa.test as juku@alfa.test", "assistant", "Alice")
    entry = Entry.objects.latest("id")
    assert (entry.name, entry.data["mailbox"], entry.data["reason"]) == ("send-as.granted", "mari@alfa.test", "assistant")


def test_granting_again_replaces(world: World) -> None:
    _grant(world, world.alice)
    assert _grant(world, world.bob, reason="holiday").reason == "holiday"
    assert SendAsGrant.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "reason", "days", "code"),
    [
        ("kalle@beta.test", "r", 30, "not-found"),
        ("nobody@alfa.test", "r", 30, "not-found"),
        ("boss@elsewhere.test", "r", 30, "not-found"),
        ("mari@alfa.test", "r", 30, "not-needed"),
        ("juku@alfa.test", " ", 30, "no-reason"),
        ("juku@alfa.test", "a\nb", 30, "no-reason"),
        ("juku@alfa.test", "r", 0, "bad-expiry"),
        ("juku@alfa.test", "r", -1, "bad-expiry"),
        ("juku@alfa.test", "r", 367, "bad-expiry"),
    ],
)
def test_what_may_not_be_granted_is_refused_to_the_provider_too(
    world: World, address: str, reason: str, days: float, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        _grant(world, world.dora, address, reason, days)
    assert refused.value.code == code
    assert not SendAsGrant.objects.exists()


def test_a_stranger_neither_gives_nor_takes(world: World) -> None:
    with pytest.raises(Refused):
        _grant(world, world.carl)
    grant = _grant(world, world.alice)
    with pytest.raises(Refused):
        revoke_send_as(grant, actor=world.carl)
    revoke_send_as(grant, actor=world.bob)
    assert Entry.objects.latest("id").name == "send-as.revoked"


def test_the_clock_ends_a_grant_at_its_moment_and_says_so(world: World, clock: Traveller) -> None:
    _grant(world, world.alice, days=1)
    clock.shift(DAY - timedelta(seconds=1))
    tick()
    assert SendAsGrant.objects.count() == 1
    clock.shift(1)
    tick()
    entry = Entry.objects.latest("id")
    assert not SendAsGrant.objects.exists()
    assert (entry.name, entry.actor_kind, entry.subject_label) == ("send-as.expired", "system", "juku@alfa.test")


def test_a_grant_goes_with_the_address_and_does_not_come_back_with_it(world: World) -> None:
    alias = create_alias(world.domain, "info", ["mari@alfa.test"], actor=world.alice)
    _grant(world, world.alice, "info@alfa.test")
    remove_alias(alias, actor=world.alice)
    create_alias(world.domain, "info", ["juku@alfa.test"], actor=world.alice)
    assert not SendAsGrant.objects.exists()
