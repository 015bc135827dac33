"""Role, verb, object: a matrix generated from the addresses of the faces: whoever an object is not for finds nothing there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import URLPattern, reverse

from kindelpost.accounts.actions import add_person, remove_person
from kindelpost.journal.models import Entry
from kindelpost.lib.clock import now
from kindelpost.practice.store import evidence
from kindelpost.tenants import actions
from kindelpost.tenants.models import Address, Alias, AliasTarget, Client, Domain, Mailbox, SendAsGrant
from kindelpost.web.client import urls as client
from kindelpost.web.provider import urls as provider
from kindelpost.web.tests.conftest import Browser, confirmed, scripts_of
from kindelpost.web.tests.test_pages import FACES, NAMES, OF_SPACE
from kindelpost.web.urls import urlpatterns

if TYPE_CHECKING:
    import time_machine

    from kindelpost.conftest import World
    from kindelpost.web.tests.conftest import People

ROUTES: dict[str, URLPattern] = {str(one.name): one for one in (*provider.urlpatterns, *client.urlpatterns)}
OWN = {
    "client": "alfa", "domain": "alfa.test", "mailbox": "mari@alfa.test", "alias": "info@alfa.test",
    "address": "info@alfa.test",
    "person": "eve@alfa.test", "space": "client", "clause": "M4", "seq": 1,
}  # fmt: skip
FOREIGN = {
    "client": "beta", "domain": "beta.test", "mailbox": "kalle@beta.test", "alias": "info@beta.test",
    "address": "info@beta.test",
    "person": "carl@beta.test", "space": "client",
}  # fmt: skip
DELETED = {
    "client": "gone", "domain": "gone.test", "mailbox": "gone@alfa.test", "alias": "old@alfa.test", "address": "old@alfa.test",
    "person": "gone@alfa.test", "space": "client", "clause": "Z9", "seq": 999,
}  # fmt: skip
PAGES = {"clause", "seq"}  # no client's: the practice's sentences, and records, which are the provider's alone
WITH_OBJECT = sorted(name for name, one in ROUTES.items() if set(one.pattern.converters) - PAGES)
POST_ONLY = {"client-mailbox-quota", "client-mailbox-password", "provider-person-link"}
POSTED = {"quota": "1", "password": "kadakas-ja-kivi-2026", "with_contents": "on"}
ROWS = (Client, Domain, Address, Mailbox, Alias, AliasTarget, SendAsGrant, Entry)


@pytest.fixture
def things(people: People, world: World, clock: time_machine.Traveller) -> None:
    """Alfa and beta have one of everything; of alfa one of everything is gone."""
    until = now() + timedelta(days=30)
    for domain, box in ((world.domain, world.mari), (world.other_domain, world.kalle)):
        alias = actions.create_alias(domain, "info", [str(box)], actor=world.dora)
        actions.grant_send_as(box, str(alias), reason="Holiday cover", expires_at=until, actor=world.dora)
    actions.remove_alias(actions.create_alias(world.domain, "old", [str(world.mari)], actor=world.dora), actor=world.dora)
    password = "kadakas-ja-kivi-2026"
    gone = actions.create_mailbox(world.domain, "gone", password=password, quota_bytes=10**9, actor=world.dora)
    actions.remove_mailbox(gone, actor=world.dora)
    left = actions.create_client("gone", "Gone", actor=world.dora)
    actions.remove_domain(actions.create_domain(left, "gone.test", actor=world.dora), actor=world.dora)
    actions.remove_client(left, actor=world.dora)
    add_person("client", "eve@alfa.test", "Eve", client_id=world.alfa.pk, actor=world.dora)
    remove_person(add_person("client", "gone@alfa.test", "Gone", client_id=world.alfa.pk, actor=world.dora), actor=world.dora)
    evidence().head()  # makes the first record


def address(name: str, objects: dict[str, Any]) -> str:
    words = ROUTES[name].pattern.converters
    return reverse(name, kwargs={word: objects.get(word, OWN[word]) for word in words})


def space_of(name: str) -> str:
    return str(ROUTES[name].pattern).partition("/")[0]


def held() -> list[int]:
    return [model.objects.count() for model in ROWS]


def test_every_address_of_the_portal_is_tried_here_or_among_the_pages() -> None:
    assert {str(one.name) for one in urlpatterns if isinstance(one, URLPattern)} == set(ROUTES) | set(NAMES)
    assert set(ROUTES) == FACES | (set(OF_SPACE) & set(ROUTES))


def test_every_word_in_an_address_names_an_object_of_the_matrix() -> None:
    for name, route in ROUTES.items():
        words = set(route.pattern.converters)
        assert words <= set(OWN) & set(DELETED), name
        assert words - PAGES <= set(FOREIGN), name
        assert re.match(r"(provider|client)/", str(route.pattern)), "a face's address begins with its space"


@pytest.mark.parametrize("objects", [OWN, DELETED], ids=["there", "deleted"])
def test_a_stranger_is_sent_to_the_door(things: None, browser: Browser, objects: dict[str, Any]) -> None:
    before = held()
    for name in ROUTES:
        at = address(name, objects)
        for answer in (browser.get(at), browser.get(at, {"format": "csv"}), browser.post(at, POSTED), browser.delete(at)):
            assert answer.status_code == 302, name
            assert answer.headers["Location"].startswith(f"/{space_of(name)}/sign-in/"), name
    assert held() == before


@pytest.mark.parametrize("who", ["dora", "alice", "mari"])
def test_people_of_another_space_find_nothing(things: None, people: People, browser: Browser, who: str) -> None:
    person = getattr(people, who)
    confirmed(browser, person)
    before = held()
    for name in ROUTES:
        if space_of(name) == person.space:
            continue
        for objects in (OWN, FOREIGN, DELETED):
            assert browser.get(address(name, objects)).status_code == 404, name
            assert browser.get(address(name, objects), {"format": "csv"}).status_code == 404, name
            assert browser.post(address(name, objects), {"confirm": "yes"}).status_code == 404, name
    assert held() == before


@pytest.mark.parametrize("who", ["dora", "alice"])
def test_ones_own_is_shown_and_nothing_changes_by_looking(things: None, people: People, browser: Browser, who: str) -> None:
    person = getattr(people, who)
    confirmed(browser, person)
    before = held()
    for name in ROUTES:
        if space_of(name) == person.space:
            answer = browser.get(address(name, OWN))
            assert answer.status_code == (405 if name in POST_ONLY else 200), name
            if answer.streaming:
                answer.getvalue()  # to its end, which closes it
            elif "text/html" in answer.headers["Content-Type"]:
                assert not scripts_of(answer), name
    assert held() == before


def test_the_provider_reaches_every_clients_things(things: None, people: People, browser: Browser) -> None:
    confirmed(browser, people.dora)
    for name in WITH_OBJECT:
        if space_of(name) == "provider" and name not in POST_ONLY:
            assert browser.get(address(name, FOREIGN)).status_code == 200, name


@pytest.mark.parametrize("who", ["alice", "carl"])
def test_another_clients_object_is_as_if_it_were_not_there(things: None, people: People, browser: Browser, who: str) -> None:
    confirmed(browser, getattr(people, who))
    objects = FOREIGN if who == "alice" else OWN
    before = held()
    for name in WITH_OBJECT:
        if space_of(name) != "client":
            continue
        answers = [browser.get(address(name, objects)), browser.post(address(name, objects), POSTED)]
        gone = [browser.get(address(name, DELETED)), browser.post(address(name, DELETED), POSTED)]
        assert [one.status_code for one in answers] == [one.status_code for one in gone], name
        assert answers[1].status_code == 404, name
        assert answers[0].status_code == (405 if name in POST_ONLY else 404), name
    assert held() == before


def test_what_is_deleted_is_gone_for_the_provider_too(things: None, people: People, browser: Browser) -> None:
    confirmed(browser, people.dora)
    before = held()
    for name, route in ROUTES.items():
        if space_of(name) == "provider" and route.pattern.converters:
            assert browser.get(address(name, DELETED)).status_code == (405 if name in POST_ONLY else 404), name
            assert browser.post(address(name, DELETED), POSTED).status_code == (404), name
    assert held() == before


@pytest.mark.parametrize(
    "body",
    [
        {"local": "new", "domain": "beta.test", "quota": "1", "targets": "mari@alfa.test"},
        {"local": "new", "domain": "alfa.test", "targets": "kalle@beta.test"},
        {"local": "new", "domain": "alfa.test", "targets": "mari@alfa.test", "owner": "kalle@beta.test"},
        {"mailbox": "kalle@beta.test", "address": "mari@alfa.test", "reason": "x", "until": "2026-12-01"},
        {"mailbox": "mari@alfa.test", "address": "kalle@beta.test", "reason": "x", "until": "2026-12-01"},
    ],
)
def test_another_clients_object_in_a_form_is_refused(
    things: None, people: People, browser: Browser, body: dict[str, str]
) -> None:
    confirmed(browser, people.alice)
    before = held()
    for name in ("client-mailbox-new", "client-alias-new", "client-grant-new"):
        assert browser.post(reverse(name), body).status_code == 200, "the form, with what is wrong"
    assert held() == before


def test_another_clients_things_are_in_no_list_and_no_export(things: None, people: People, browser: Browser) -> None:
    confirmed(browser, people.alice)
    for name, route in ROUTES.items():
        if space_of(name) == "client" and not route.pattern.converters:
            for words in ({}, {"format": "csv"}, {"q": "beta"}):
                answer = browser.get(reverse(name), words)
                body = answer.getvalue() if answer.streaming else answer.content
                assert b"beta.test" not in body, name
                assert b"Carl" not in body, name
