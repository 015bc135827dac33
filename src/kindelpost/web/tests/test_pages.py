"""Every address: who reaches it, what its headers say, in which language, and that stored text does no harm."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles import finders
from django.urls import URLPattern, reverse
from django.urls.exceptions import NoReverseMatch

import kindelpost.web
from kindelpost.practice.shown import public_table
from kindelpost.web.client import urls as client
from kindelpost.web.provider import urls as provider
from kindelpost.web.tests.conftest import Browser, entered, scripts_of
from kindelpost.web.urls import urlpatterns

if TYPE_CHECKING:
    from kindelpost.web.tests.conftest import People

# Who reaches an address without being sent to a door: everybody, anybody signed in, or the people of a space.
ANYBODY = {"public", "language", "account_login", "account_logout", "mfa_authenticate", "enrol-link"} | {
    f"sign-in-{door}" for door in ("provider", "client", "mailbox", "passkey-provider", "passkey-client", "passkey-mailbox")
}
BY_LINK = {"enrol", "enrol-passkey", "enrol-password", "enrol-app", "enrol-codes", "enrol-finish"}
OWN = {
    "mfa_index", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "password", "mfa_add_webauthn", "passkey-remove",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "sessions-end",
}  # fmt: skip
OF_SPACE = {"home-provider": "provider", "home-client": "client", "home-mailbox": "mailbox"}
FACES = {str(pattern.name) for pattern in (*provider.urlpatterns, *client.urlpatterns)} - set(OF_SPACE)  # test_matrix.py
NAMES = sorted({str(one.name) for one in urlpatterns if isinstance(one, URLPattern)} - FACES)  # the API has a matrix of its own


def address(name: str) -> str:
    for words in ({}, {"pk": 1}, {"token": "x"}):
        try:
            return reverse(name, kwargs=words)
        except NoReverseMatch:
            continue
    raise AssertionError(name)


def test_every_address_is_in_the_matrix() -> None:
    assert set(NAMES) == ANYBODY | BY_LINK | OWN | set(OF_SPACE)


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_reaches_no_more_than_anybody_may(people: People, browser: Browser, name: str) -> None:
    for answer in (browser.get(address(name)), browser.post(address(name))):
        if name in OWN or name in OF_SPACE:
            assert answer.status_code in {302, 405}
            assert answer.status_code == 405 or "sign-in" in answer.headers["Location"]
        elif name in BY_LINK:
            assert answer.status_code in {400, 405}
        else:
            assert answer.status_code < 500


@pytest.mark.parametrize("name", OF_SPACE)
@pytest.mark.parametrize("who", ["dora", "alice", "mari"])
def test_people_of_another_space_find_nothing(people: People, browser: Browser, name: str, who: str) -> None:
    person = getattr(people, who)
    entered(browser, person)
    status = browser.get(address(name)).status_code
    if OF_SPACE[name] == person.space:
        assert status == 200
    else:
        assert status == 404


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"language", "account_logout"}))
def test_every_page_says_that_it_runs_nothing_but_its_own(people: People, browser: Browser, name: str) -> None:
    entered(browser, people.dora)
    answer = browser.get(address(name))
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert not scripts_of(answer)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", answer.content.decode())


@pytest.mark.parametrize("language", ["et", "en"])
def test_a_page_speaks_the_browsers_language(people: People, language: str) -> None:
    answer = Browser(language=language).get("/")
    assert f'<html lang="{language}"' in answer.content.decode()
    assert ("Turvalise meiliteenuse hea tava" if language == "et" else "The good practice") in answer.content.decode()


def test_the_persons_language_goes_before_and_switching_keeps_the_page(people: People, browser: Browser) -> None:
    entered(browser, people.dora)
    answer = browser.post("/language/", {"language": "et", "next": "/provider/clauses/M4/?x=1"})
    assert answer.headers["Location"] == "/provider/clauses/M4/?x=1"
    people.dora.refresh_from_db()
    assert people.dora.language == "et"
    assert "Hea tava" in entered(Browser(language="en"), people.dora).get("/provider/").content.decode()


def test_switching_leads_nowhere_else(people: People, browser: Browser) -> None:
    answer = browser.post("/language/", {"language": "et", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_stored_text_with_markup_is_shown_harmless(people: People, browser: Browser) -> None:
    people.dora.name = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    people.dora.save()
    browser.defaults["HTTP_USER_AGENT"] = "<svg onload=alert(1)>"
    page = entered(browser, people.dora).get("/security/").content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<svg onload" not in page


def test_the_public_page_says_no_more_than_the_verdict(people: People) -> None:
    assert all(set(row) == {"id", "et", "en", "verdict", "tried", "held", "lacking"} for row in public_table())
    assert len(public_table()) == 15


def test_another_host_is_not_served(people: People, browser: Browser) -> None:
    assert browser.get("/", headers={"host": "evil.example"}).status_code == 400


def test_cookies_are_the_hosts_own_and_no_scripts(people: People, browser: Browser) -> None:
    entered(browser, people.dora)
    for name, cookie in browser.cookies.items():
        assert name.startswith("__Host-")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["path"] == "/"


def test_what_others_wrote_is_what_the_manifest_says() -> None:
    folder = Path(kindelpost.web.__file__ or "").parent / "static" / "vendor"
    assert finders.find("vendor/tabler/tabler.min.css")
    for line in (folder / "MANIFEST.sha256").read_text(encoding="ascii").splitlines():
        wanted, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == wanted
