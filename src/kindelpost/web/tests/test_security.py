"""One's own security: nothing changes without a fresh proof, the last second factor stays, sessions end when told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from kindelpost.journal.models import Entry
from kindelpost.web.tests.conftest import Browser, codes_of, entered

if TYPE_CHECKING:
    from kindelpost.web.tests.conftest import People

CHANGES = ("/security/password/", "/security/passkeys/add/", "/security/app/remove/", "/security/codes/new/")


@pytest.mark.parametrize("path", CHANGES)
def test_nothing_changes_without_a_fresh_proof(people: People, browser: Browser, path: str) -> None:
    entered(browser, people.dora)
    for answer in (browser.get(path), browser.post(path)):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/security/confirm/code/")
    assert Authenticator.objects.filter(user=people.dora, type="totp").exists()


def confirmed(browser: Browser, people: People) -> Browser:
    entered(browser, people.dora)
    browser.post("/security/confirm/code/", {"code": codes_of(people.dora)[1]})
    return browser


def test_the_last_second_factor_stays(people: People, browser: Browser) -> None:
    confirmed(browser, people)
    assert browser.get("/security/app/remove/").status_code == 200
    browser.post("/security/app/remove/")
    assert Authenticator.objects.filter(user=people.dora, type="totp").exists()


def test_a_mailboxs_user_may_go_without(people: People, browser: Browser) -> None:
    entered(browser, people.mari)
    browser.post("/security/confirm/code/", {"code": codes_of(people.mari)[1]})
    browser.post("/security/app/remove/")
    assert not Authenticator.objects.filter(user=people.mari).exists()
    assert Entry.objects.filter(name="person.totp-removed", actor_id="mailbox/mari@alfa.test").exists()


def test_another_session_ends_when_told(people: People, browser: Browser) -> None:
    other = entered(Browser("203.0.113.9"), people.dora)
    entered(browser, people.dora)
    assert other.get("/provider/").status_code == 200
    theirs = UserSession.objects.get(ip="203.0.113.9")
    browser.post("/security/sessions/end/", {"session": theirs.pk})
    assert other.get("/provider/").status_code == 302
    assert browser.get("/provider/").status_code == 200


def test_nobody_ends_anothers_session(people: People, browser: Browser) -> None:
    other = entered(Browser("203.0.113.9"), people.alice)
    entered(browser, people.dora)
    browser.post("/security/sessions/end/", {"session": UserSession.objects.get(user=people.alice).pk})
    assert other.get("/client/").status_code == 200


def test_a_new_password_ends_every_other_session(people: People, browser: Browser) -> None:
    other = entered(Browser("203.0.113.9"), people.dora)
    confirmed(browser, people)
    assert browser.post("/security/password/", {"password": "uus-kadakas-ja-vana-kivi"}).status_code == 302
    assert browser.get("/provider/").status_code == 200
    assert other.get("/provider/").status_code == 302


def test_nobody_removes_anothers_passkey(people: People, browser: Browser) -> None:
    confirmed(browser, people)
    theirs = Authenticator.objects.create(user=people.alice, type="webauthn", data={"name": "hers", "credential": {}})
    assert browser.post(f"/security/passkeys/{theirs.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()
