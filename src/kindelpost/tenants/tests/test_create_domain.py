"""A domain is one client's alone, with all that is above and below it (T39)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from kindelpost.journal.models import Entry
from kindelpost.lib.errors import Refused
from kindelpost.tenants.actions import create_client, create_domain, mark_domain_ready, remove_client, remove_domain
from kindelpost.tenants.models import Address, Domain

if TYPE_CHECKING:
    from kindelpost.conftest import World


def _code(attempt: pytest.ExceptionInfo[Refused]) -> str:
    return attempt.value.code


def test_a_new_domain_is_being_prepared_and_in_the_journal(world: World) -> None:
    domain = create_domain(world.alfa, "Uus.Alfa-2.test", actor=world.dora)
    entry = Entry.objects.latest("id")
    assert (domain.name, domain.state) == ("uus.alfa-2.test", "being-prepared")
    assert (entry.name, entry.subject_label, entry.client_id) == ("domain.created", "uus.alfa-2.test", world.alfa.pk)


@pytest.mark.parametrize("name", ["sub.alfa.test", "a.b.alfa.test", "test"])
def test_nobody_takes_a_domain_above_or_below_another_clients(world: World, name: str) -> None:
    with pytest.raises(Refused) as refused:
        create_domain(world.beta, name, actor=world.dora)
    assert _code(refused) in {"domain-conflict", "bad-domain"}
    if "." in name:
        assert create_domain(world.alfa, name, actor=world.dora).pk


def test_nobody_takes_the_parent_of_another_clients_domain(world: World) -> None:
    create_domain(world.alfa, "deep.gamma.test", actor=world.dora)
    with pytest.raises(Refused) as refused:
        create_domain(world.beta, "gamma.test", actor=world.dora)
    assert _code(refused) == "domain-conflict"
    assert create_domain(world.beta, "notgamma.test", actor=world.dora).pk


@pytest.mark.parametrize("owner", ["alfa", "beta"])
def test_a_domain_exists_once(world: World, owner: str) -> None:
    with pytest.raises(Refused) as refused:
        create_domain(getattr(world, owner), "ALFA.test", actor=world.dora)
    assert _code(refused) == "taken"
    assert Domain.objects.filter(name="alfa.test").count() == 1


def test_the_services_own_name_is_no_clients_domain(world: World) -> None:
    for name in (settings.SERVICE.hostname, f"x.{settings.SERVICE.hostname}"):
        with pytest.raises(Refused) as refused:
            create_domain(world.alfa, name, actor=world.dora)
        assert _code(refused) == "reserved"


def test_clients_and_domains_are_the_providers_to_change(world: World) -> None:
    for actor in (world.alice, world.carl):
        with pytest.raises(Refused):
            create_client("gamma", "Gamma", actor=actor)
        with pytest.raises(Refused):
            create_domain(world.alfa, "gamma.test", actor=actor)
        with pytest.raises(Refused):
            remove_domain(world.domain, actor=actor, with_contents=True)
        with pytest.raises(Refused):
            remove_client(world.beta, actor=actor)


def test_a_domain_becomes_ready_once(world: World) -> None:
    mark_domain_ready(world.domain)
    mark_domain_ready(world.domain)
    assert Entry.objects.filter(name="domain.ready").count() == 1


def test_a_domain_with_contents_is_removed_only_on_the_word(world: World) -> None:
    with pytest.raises(Refused) as refused:
        remove_domain(world.domain, actor=world.dora)
    assert _code(refused) == "not-empty"
    remove_domain(world.domain, actor=world.dora, with_contents=True)
    entry = Entry.objects.latest("id")
    assert not Address.objects.filter(text__endswith="@alfa.test").exists()
    assert entry.data["homes"] == {"mari@alfa.test": world.mari.home, "juku@alfa.test": world.juku.home}
    assert entry.data["touched"] == ["juku@alfa.test", "mari@alfa.test"]


def test_a_client_goes_when_its_domains_are_gone(world: World) -> None:
    with pytest.raises(Refused) as refused:
        remove_client(world.alfa, actor=world.dora)
    assert _code(refused) == "not-empty"
    remove_domain(world.domain, actor=world.dora, with_contents=True)
    remove_client(world.alfa, actor=world.dora)
    assert Entry.objects.latest("id").name == "client.removed"


@pytest.mark.parametrize(
    ("slug", "name"), [("", "A"), ("a b", "A"), ("-a", "A"), ("ok", " "), ("ok", "a\nb"), ("ok", "x" * 201)]
)
def test_a_client_needs_names_that_can_be_written_and_shown(world: World, slug: str, name: str) -> None:
    with pytest.raises(Refused) as refused:
        create_client(slug, name, actor=world.dora)
    assert _code(refused) == "bad-name"


def test_a_client_exists_once(world: World) -> None:
    with pytest.raises(Refused) as refused:
        create_client("ALFA", "Again", actor=world.dora)
    assert _code(refused) == "taken"
