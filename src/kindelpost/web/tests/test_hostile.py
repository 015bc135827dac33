"""Stored text with markup or formulas in it is shown harmless on every page and in every export."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from kindelpost.accounts.models import Person
from kindelpost.journal.models import Entry
from kindelpost.lib.clock import now
from kindelpost.tenants import actions
from kindelpost.tenants.models import Address, AliasTarget, Client, SendAsGrant
from kindelpost.web.tests.conftest import confirmed, scripts_of
from kindelpost.web.tests.test_matrix import POST_ONLY, ROUTES, space_of

if TYPE_CHECKING:
    from kindelpost.conftest import World
    from kindelpost.web.tests.conftest import Browser, People

EVIL = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{7*7}}{% now %}"""
FORMULA = "=HYPERLINK(A1)"
LOCAL = "ev'il<b onclick=x>"  # no action takes it; the database might hold it from elsewhere


@pytest.fixture
def stored(people: People, world: World) -> dict[str, object]:
    """As if some other door had let it in."""
    alias = actions.create_alias(world.domain, "info", [str(world.mari)], actor=world.dora)
    actions.grant_send_as(world.mari, str(alias), reason="x", expires_at=now() + timedelta(days=9), actor=world.dora)
    Client.objects.filter(pk=world.alfa.pk).update(name=EVIL)
    Address.objects.filter(pk=world.juku.address_id).update(text=f"{LOCAL}@alfa.test")
    AliasTarget.objects.update(text=EVIL)
    SendAsGrant.objects.update(reason=EVIL, granted_by=FORMULA)
    Person.objects.filter(pk=people.alice.pk).update(name=EVIL)
    Entry.objects.update(actor_label=FORMULA, subject_label=EVIL, data={"reason": EVIL, "targets": [EVIL], "leaving": EVIL})
    return {
        "client": "alfa", "domain": "alfa.test", "mailbox": "mari@alfa.test", "alias": "info@alfa.test",
        "address": "info@alfa.test",
        "space": "client", "person": "alice@alfa.test", "clause": "M4", "seq": 1,
    }  # fmt: skip


@pytest.mark.parametrize("who", ["dora", "alice"])
def test_markup_is_text_on_every_page(stored: dict[str, object], people: People, browser: Browser, who: str) -> None:
    person = getattr(people, who)
    confirmed(browser, person)
    shown = 0
    for name, route in ROUTES.items():
        if space_of(name) != person.space or name in POST_ONLY or name == "provider-record":
            continue
        answer = browser.get(reverse(name, kwargs={word: stored[word] for word in route.pattern.converters}), {"q": ""})
        if answer.streaming:
            answer.getvalue()  # to its end, which closes it
        if "text/html" not in answer.headers["Content-Type"]:
            continue
        page = answer.content.decode()
        assert not scripts_of(answer) or "onerror=alert(1)&gt;" in page, name
        for tag in ("<script>alert", "<img src=x", "<b onclick", "49{%"):
            assert tag not in page, name
        shown += "&lt;script&gt;" in page
    assert shown > 4, "it was there to be seen"


@pytest.mark.parametrize("word", ["q", "sort", "page", "by", "state", "space", "mailbox", "client", "dns"])
def test_markup_in_the_address_bar_is_text_too(people: People, browser: Browser, word: str) -> None:
    confirmed(browser, people.alice)
    for name in ("client-mailboxes", "client-aliases", "client-grants", "client-journal", "client-grant-new", "client-domains"):
        page = browser.get(reverse(name), {word: EVIL + "\0"}).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_spreadsheet_runs_nothing_of_an_export(stored: dict[str, object], people: People, browser: Browser) -> None:
    confirmed(browser, people.alice)
    for name in ("client-grants", "client-journal"):
        answer = browser.get(reverse(name), {"format": "csv"})
        text = answer.getvalue().decode()
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert f"'{FORMULA}" in text
        assert f",{FORMULA}" not in text
