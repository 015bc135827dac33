"""The service's own clients are real, made once, and shown to nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kindelpost.engines import canary
from kindelpost.journal.actor import SYSTEM
from kindelpost.lib.errors import Refused
from kindelpost.practice.redaction import redactor
from kindelpost.tenants import queries
from kindelpost.tenants.actions import create_domain, mark_mailbox_ready, remove_mailbox

if TYPE_CHECKING:
    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout


@pytest.fixture
def made(instance: Layout, world: World) -> World:
    canary.ensure()
    return world


def test_both_are_there_and_a_second_call_changes_nothing(made: World, instance: Layout) -> None:
    first = instance.data("control").joinpath("canary.json").read_bytes()
    canary.ensure()
    assert instance.data("control").joinpath("canary.json").read_bytes() == first
    assert canary.canary("a").address != canary.canary("b").address
    assert (
        len({box.address.domain.client_id for box in queries.mailboxes_of(SYSTEM) if box.address.local.startswith("canary-")})
        == 2
    )


def test_their_names_cannot_be_guessed(made: World) -> None:
    """Whoever fills a canary's mailbox makes checks fail."""
    box = canary.canary("a")
    names = [box.address, *(box.named(kind) for kind in ("alias", "shared", "other"))]
    assert len(set(names)) == 4
    assert all(len(name.partition("@")[0].rpartition("-")[2]) == 10 for name in names)


def test_nobody_sees_them(made: World) -> None:
    for actor in (made.dora, made.alice):
        seen = [*queries.clients_of(actor), *queries.domains_of(actor), *queries.mailboxes_of(actor)]
        assert seen
        assert not [one for one in seen if "canary" in str(one)]
        with pytest.raises(Refused, match="no client"):
            queries.client_for(actor, "canary-a")


def test_one_that_was_removed_comes_back_with_its_password(made: World) -> None:
    before = canary.canary("a")
    box = queries.mailboxes_of(SYSTEM).get(address__text=before.address)
    remove_mailbox(box, actor=SYSTEM)
    canary.ensure()
    assert canary.canary("a") == before


def test_they_are_ready_when_the_engines_know_both(made: World) -> None:
    assert not canary.ready()
    for box in queries.mailboxes_of(SYSTEM).filter(address__domain__client__internal=True):
        mark_mailbox_ready(box)
    assert canary.ready()


def test_their_names_take_nothing_from_a_client(made: World) -> None:
    domain = canary.canary("a").domain.partition(".")[2]
    with pytest.raises(Refused, match="belongs to the service"):
        create_domain(made.alfa, domain, actor=made.dora)
    create_domain(made.alfa, domain.partition(".")[2], actor=made.dora)  # the domain above the service's own


def test_no_record_holds_their_passwords(made: World) -> None:
    assert redactor().text(json.dumps(canary.canary("b").password)) == '"[secret]"'


def test_without_them_a_check_cannot_be_tried(instance: Layout, world: World) -> None:
    with pytest.raises(LookupError, match="not there yet"):
        canary.canary("a")
