"""A link opens enrolment alone, until a second factor is set up."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from kindelpost.accounts.actions import add_person, enrol_person
from kindelpost.conftest import PASSWORD
from kindelpost.journal.models import Entry

if TYPE_CHECKING:
    from pytest_django import DjangoCaptureOnCommitCallbacks

    from kindelpost.conftest import World
    from kindelpost.web.tests.conftest import Browser, People


def linked(world: World, browser: Browser) -> str:
    eve = add_person("provider", "eve", "Eve", actor=world.dora)
    return f"/enrol/link/{enrol_person(eve, actor=world.dora)}/"


def test_looking_at_a_link_does_not_use_it(people: People, world: World, browser: Browser) -> None:
    link = linked(world, browser)
    for _ in range(3):
        assert browser.get(link).status_code == 200
    assert browser.post(link).headers["Location"] == "/enrol/"
    assert browser.get(link).status_code == 400
    assert "used up" in browser.post(link).content.decode()


def test_an_enrolling_session_reaches_enrolment_alone(people: People, world: World, browser: Browser) -> None:
    browser.post(linked(world, browser))
    for path in ("/provider/", "/provider/clauses/M4/", "/security/", "/security/password/", "/client/"):
        assert browser.get(path).headers["Location"] == "/enrol/"
    assert browser.get("/enrol/passkey/").status_code == 200
    assert browser.get("/enrol/app/").headers["Location"] == "/enrol/password/"
    assert browser.get("/enrol/codes/").headers["Location"] == "/enrol/"
    assert browser.post("/enrol/finish/").status_code == 400
    assert browser.get("/provider/").headers["Location"] == "/enrol/"


def set_up(browser: Browser, link: str) -> None:
    """The whole of the second way."""
    browser.post(link)
    assert "first that are tried" in browser.post("/enrol/password/", {"password": "Password12345"}).content.decode()
    assert browser.post("/enrol/password/", {"password": PASSWORD}).headers["Location"] == "/enrol/app/"
    assert browser.post("/enrol/finish/").status_code == 400, "a password is not enough"
    secret = re.search(r'kp-secret">([A-Z2-7]+)<', browser.get("/enrol/app/").content.decode())
    assert secret
    code = format_hotp_value(hotp_value(secret[1], int(time.time()) // 30))
    assert browser.post("/enrol/app/", {"code": code}).headers["Location"] == "/enrol/codes/"
    assert len(re.findall(r"<li>\d{12}</li>", browser.get("/enrol/codes/").content.decode())) == 10
    assert not re.findall(r"<li>\d{12}</li>", browser.get("/enrol/codes/").content.decode()), "shown once"
    assert browser.post("/enrol/finish/").headers["Location"] == "/provider/"
    assert browser.get("/provider/").status_code == 200


def test_password_and_app_are_set_up_and_open_the_way(
    people: People, world: World, browser: Browser, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        set_up(browser, linked(world, browser))
    said = set(Entry.objects.filter(subject_label="provider/eve").values_list("name", flat=True))
    assert {"person.enrolment-link-used", "person.password-set", "person.totp-added", "person.enrolled"} <= said


def test_the_proof_of_the_link_ends_with_enrolment(people: People, world: World, browser: Browser) -> None:
    set_up(browser, linked(world, browser))
    assert browser.get("/security/passkeys/add/").headers["Location"].startswith("/security/confirm/")
    assert Authenticator.objects.filter(user__login="eve").count() == 2
