"""A person enrols by a one-time link with a passkey, signs in, and sees the practice; a password alone opens nothing.

In a real browser with a virtual authenticator, against the running service; no page makes the console complain.
"""

from __future__ import annotations

import os
import re
import signal
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from e2e.portal.browser import browser, visitor
from e2e.service import PASSWORD, unique
from kindelpost.engines.members import members
from kindelpost.engines.nginx.probe import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from e2e.service import Service

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def started(service: Service) -> Iterator[Browser]:
    with browser(service) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def url(service: Service) -> str:
    return service.facts.service.portal_url


def added(service: Service, *words: str) -> tuple[str, str]:
    """Somebody new: their login and link."""
    login = f"{unique('isik')}@provider.example"
    return login, service.json("person", "add", login, "--name", "Dora", *words)["link"]


def code_of(page: Page) -> str:
    """What the authenticator app would show for the key on the page."""
    return str(format_hotp_value(hotp_value(page.locator(".kp-secret").inner_text().strip(), int(time.time()) // 30)))


def test_a_passkey_is_enrolled_by_a_link_and_signs_in(service: Service, started: Browser, url: str) -> None:
    _login, link = added(service)
    with visitor(started) as dora:
        page = dora.page
        page.goto(link)
        dora.picture("enrol-link")
        page.get_by_role("button", name="Alusta").click()
        dora.picture("enrol")
        page.goto(f"{url}/provider/")
        expect(page).to_have_url(f"{url}/enrol/")  # an enrolling session reaches enrolment alone
        page.get_by_role("link", name="Loo pääsuvõti").click()
        page.get_by_label("Nimi").fill("telefon")
        dora.picture("enrol-passkey")
        page.get_by_role("button", name="Loo pääsuvõti").click()
        expect(page.locator(".kp-codes li")).to_have_count(10)
        dora.picture("enrol-codes")
        page.get_by_role("button", name="Koodid on alles pandud").click()
        expect(page).to_have_url(f"{url}/provider/")
        page.get_by_role("button", name="Logi välja").click()
        page.goto(f"{url}/client/sign-in/")
        page.get_by_role("button", name="Logi sisse pääsuvõtmega").click()
        expect(page).to_have_url(f"{url}/client/sign-in/")  # unknown at another space's door
        expect(page.get_by_role("alert")).to_be_visible()
        page.goto(f"{url}/provider/sign-in/")
        dora.picture("sign-in")
        page.get_by_role("button", name="Logi sisse pääsuvõtmega").click()
        expect(page).to_have_url(f"{url}/provider/")
        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_contain_text("aegunud")
        assert all("400" in one for one in dora.complaints), dora.complaints


def test_the_practice_down_to_its_evidence_in_both_languages(service: Service, started: Browser) -> None:
    _login, link = added(service)
    with visitor(started) as dora:
        page = dora.page
        page.goto(link)
        page.get_by_role("button", name="Alusta").click()
        page.get_by_role("link", name="Loo pääsuvõti").click()
        page.get_by_role("button", name="Loo pääsuvõti").click()
        page.get_by_role("button", name="Koodid on alles pandud").click()
        expect(page.locator(".kp-clauses tbody tr")).to_have_count(15)
        dora.picture("provider-home")
        page.get_by_role("link", name="M2", exact=True).click()
        dora.picture("provider-clause")
        page.get_by_role("link", name=re.compile(r"Tõendikirje")).first.click()
        dora.picture("provider-record")
        where = page.url
        page.get_by_role("button", name="English").click()
        expect(page).to_have_url(where)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Evidence record")
        page.get_by_role("link", name="Dora").click()
        dora.picture("security")
        page.get_by_role("link", name="Add a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Create a passkey")
        assert not dora.complaints


def test_a_password_alone_opens_nothing(service: Service, started: Browser, url: str) -> None:
    login, link = added(service)
    with visitor(started, language="en-GB", authenticator=False) as dora:
        page = dora.page
        page.goto(link)
        page.get_by_role("button", name="Begin").click()
        page.get_by_role("link", name="Password and authenticator app").click()
        page.get_by_label("Password").fill("Password12345")
        page.get_by_role("button", name="Go on").click()
        dora.picture("enrol-password")
        expect(page.get_by_role("alert")).to_contain_text("first that are tried")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        dora.picture("enrol-app")
        code = code_of(page)
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Go on").click()
        codes = page.locator(".kp-codes li").all_inner_texts()
        page.get_by_role("button", name="I have kept them").click()
        page.get_by_role("button", name="Sign out").click()
        page.goto(f"{url}/provider/sign-in/")
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on with a password").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
        dora.picture("second-step")
        page.goto(f"{url}/provider/")
        expect(page).to_have_url(re.compile(r"sign-in"))
        page.goto(f"{url}/sign-in/second-step/")
        page.get_by_label("Code").fill(codes[0])
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{url}/provider/")
        assert not dora.complaints


def test_the_use_of_the_sealed_account_is_mailed_to_the_security_address(service: Service, started: Browser, url: str) -> None:
    login = unique("umbrik")
    sealed = service.json("person", "add", login, "--break-glass")
    with visitor(started, language="en-GB", authenticator=False) as somebody:
        page = somebody.page
        page.goto(f"{url}/provider/sign-in/")
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password").fill(sealed["password"])
        page.get_by_role("button", name="Go on with a password").click()
        page.get_by_label("Code").fill(sealed["codes"][3])
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{url}/provider/")
    mailed = service.sunk(login, wait=60)
    assert mailed
    assert b"account-break-glass-used" in mailed.content


def test_the_public_page_is_read_without_scripts(started: Browser, url: str) -> None:
    context = started.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".kp-clauses tbody tr")).to_have_count(15)
    expect(page.get_by_role("link", name="security.txt")).to_be_visible()
    context.close()
    with visitor(started) as anybody:
        anybody.page.goto(url)
        anybody.picture("public")
        anybody.page.goto(f"{url}/sign-in/")
        anybody.picture("doors")
        assert not anybody.complaints


def test_a_killed_portal_is_back_although_its_socket_was_left(service: Service, url: str) -> None:
    for pid, name in members(service.facts.layout).items():
        if name == "portal":
            os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 30
    while fetch(service.facts, url.partition("//")[2].partition(":")[0], "/sign-in/").status != HTTPStatus.OK:
        assert time.monotonic() < end
        time.sleep(0.5)
