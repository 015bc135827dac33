"""Every page of the provider and of a client in a real browser, without a complaint; a new mailbox turns ready by itself."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from e2e.portal.browser import browser, visitor
from e2e.service import unique
from kindelpost.engines.registry import ORDER
from kindelpost.lib.clock import now
from kindelpost.web.client import urls as client
from kindelpost.web.provider import urls as provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.urls import URLPattern
    from playwright.sync_api import Browser, Page

    from e2e.portal.browser import Visitor
    from e2e.service import Service

pytestmark = pytest.mark.e2e
FILES = {
    "provider-evidence",
    "provider-zone",
    "client-evidence",
    "client-zone",
    "client-mailbox-state",
}  # downloads, a part of a page
POST_ONLY = {"client-mailbox-quota", "client-mailbox-password", "provider-person-link"}


@pytest.fixture(scope="module")
def started(service: Service) -> Iterator[Browser]:
    with browser(service) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def things(service: Service) -> dict[str, str]:
    """A client with one of everything."""
    slug = unique("pood")
    domain, login = f"{slug}.example", f"{unique('isik')}@{slug}.example"
    service.json("client", "add", slug, "--name", "Pood OÜ")
    service.json("domain", "add", domain, "--client", slug)
    month = (now() + timedelta(days=30)).date().isoformat()
    mailbox, alias = f"mari@{domain}", f"info@{domain}"
    service.json("mailbox", "add", mailbox)
    service.json("alias", "add", alias, "--to", mailbox)
    service.json("send-as", "grant", mailbox, alias, "--reason", "puhkus", "--until", month)
    link = service.json("person", "add", login, "--name", "Anna", "--space", "client", "--client", slug)["link"]
    return {
        "client": slug, "domain": domain, "mailbox": mailbox, "alias": alias, "address": alias, "person": login,
        "space": "client", "clause": "P6", "seq": "1", "link": link,
    }  # fmt: skip


def enrol(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Alusta").click()
    page.get_by_role("link", name="Loo pääsuvõti").click()
    page.get_by_role("button", name="Loo pääsuvõti").click()
    page.get_by_role("button", name="Koodid on alles pandud").click()


def every_page(somebody: Visitor, url: str, patterns: list[URLPattern], things: dict[str, str]) -> None:
    page = somebody.page
    for pattern in patterns:
        name = str(pattern.name)
        if name in FILES | POST_ONLY:
            continue
        where = re.sub(r"<\w+:(\w+)>", lambda word: things[word[1]], str(pattern.pattern))
        page.goto(f"{url}/{where}")
        if page.get_by_role("button", name="Kasuta pääsuvõtit").count():
            page.get_by_role("button", name="Kasuta pääsuvõtit").click()
        expect(page).to_have_url(f"{url}/{where}")
        expect(page.get_by_role("heading", level=1)).not_to_be_empty()
        somebody.picture(name)
    assert not somebody.complaints


def test_every_page_of_the_provider(service: Service, started: Browser, things: dict[str, str]) -> None:
    url = service.facts.service.portal_url
    link = service.json("person", "add", f"{unique('isik')}@provider.example", "--name", "Dora")["link"]
    with visitor(started) as dora:
        enrol(dora.page, link)
        every_page(dora, url, list(provider.urlpatterns), things)
        dora.page.goto(f"{url}/provider/engines/")
        expect(dora.page.locator("#engines tbody tr")).to_have_count(len(ORDER), timeout=60_000)
        expect(dora.page.locator("#engines .kp-fail")).to_have_count(0)


def test_every_page_of_the_client_and_a_mailbox_that_turns_ready(
    service: Service, started: Browser, things: dict[str, str]
) -> None:
    url = service.facts.service.portal_url
    with visitor(started) as anna:
        page = anna.page
        enrol(page, things["link"])
        every_page(anna, url, list(client.urlpatterns), things)
        page.goto(f"{url}/client/mailboxes/new/")
        page.get_by_label("Enne @-märki").fill("uus")
        page.get_by_role("button", name="Loo", exact=True).click()
        expect(page.locator(".kp-secret")).to_be_visible()
        expect(page.locator("#state")).to_contain_text("valmis", timeout=30_000)
        expect(page.locator("#state .kp-pass")).to_be_visible(timeout=30_000)
        page.goto(f"{url}/client/aliases/new/")
        page.get_by_label("Enne @-märki").fill("valja")
        page.get_by_label("Viib aadressile").fill("friend@outside.example")
        page.get_by_role("button", name="Loo", exact=True).click()
        anna.picture("client-alias-risk")
        page.get_by_label("Võtan selle riski enda peale").check()
        page.get_by_role("button", name="Loo", exact=True).click()
        expect(page).to_have_url(f"{url}/client/aliases/")
        page.goto(f"{url}/client/journal/?by=provider")
        expect(page.get_by_text("domeen lisatud")).to_be_visible()
        assert not anna.complaints
