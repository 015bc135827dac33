"""Each space has its own door, and a password alone opens none where a second factor is mandatory (M3.8, M4.2, M4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator

from kindelpost.accounts import limits
from kindelpost.accounts.actions import add_person, seal_break_glass, set_password
from kindelpost.conftest import PASSWORD
from kindelpost.journal.models import Entry
from kindelpost.web.tests.conftest import Browser, codes_of, entered

if TYPE_CHECKING:
    from kindelpost.conftest import World
    from kindelpost.web.tests.conftest import People

SPACES = {"dora": "provider", "alice": "client", "mari": "mailbox"}


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("door", SPACES.values())
def test_an_identity_signs_in_through_its_own_door_alone(people: People, browser: Browser, name: str, door: str) -> None:
    answer = browser.sign_in(getattr(people, name), at=door)
    if door == SPACES[name]:
        assert answer.headers["Location"] == "/sign-in/second-step/"
    else:
        assert answer.status_code == 200
        assert "_auth_user_id" not in browser.session
        assert not Entry.objects.filter(name="person.signed-in").exists()


@pytest.mark.parametrize("name", SPACES)
def test_password_and_code_lead_home(people: People, browser: Browser, name: str) -> None:
    person = getattr(people, name)
    assert browser.sign_in(person).headers["Location"] == "/sign-in/second-step/"
    assert browser.get(f"/{person.space}/").headers["Location"].startswith(f"/{person.space}/sign-in/"), "not in yet"
    assert browser.post("/sign-in/second-step/", {"code": "000000"}).status_code == 200
    answer = browser.post("/sign-in/second-step/", {"code": codes_of(person)[0]})
    assert answer.headers["Location"] == f"/{person.space}/"
    assert browser.get(f"/{person.space}/").status_code == 200
    assert Entry.objects.get(name="person.signed-in").data["means"] == ["password", "recovery_codes"]


def test_a_recovery_code_works_once(people: People, browser: Browser) -> None:
    code = codes_of(people.dora)[0]
    browser.sign_in(people.dora)
    browser.post("/sign-in/second-step/", {"code": code})
    other = Browser()
    other.sign_in(people.dora)
    assert other.post("/sign-in/second-step/", {"code": code}).status_code == 200


@pytest.mark.parametrize("name", ["dora", "alice"])
def test_who_lost_the_second_factor_is_not_let_in_by_the_password(people: People, browser: Browser, name: str) -> None:
    person = getattr(people, name)
    Authenticator.objects.filter(user=person).delete()
    answer = browser.sign_in(person)
    assert answer.headers["Location"] == f"/{person.space}/sign-in/"
    assert "_auth_user_id" not in browser.session
    assert browser.get("/enrol/").status_code == 400, "nor to enrolment"


def test_a_session_that_was_proved_by_nothing_reaches_nothing(people: People, browser: Browser) -> None:
    browser.force_login(people.dora)
    for path in ("/provider/", "/security/", "/security/passkeys/add/", "/provider/clauses/M4/"):
        answer = browser.get(path)
        assert answer.status_code == 302
        assert "sign-in" in answer.headers["Location"]


def test_a_mailboxs_user_without_a_second_factor_comes_in_by_the_password(people: People, world: World) -> None:
    juku = add_person(
        "mailbox", "juku@alfa.test", "Juku", client_id=world.alfa.pk, address_id=world.juku.address_id, actor=world.dora
    )
    set_password(juku, PASSWORD)
    assert Browser().sign_in(juku).headers["Location"] == "/mailbox/"


def test_the_sealed_account_takes_password_and_code_and_raises_the_alarm(people: People, world: World) -> None:
    sealed, password, codes = seal_break_glass("envelope", actor=world.dora)
    browser = Browser()
    assert browser.sign_in(sealed, password=password).headers["Location"] == "/sign-in/second-step/"
    assert browser.get("/provider/").status_code == 302
    assert not Entry.objects.filter(name="account.break-glass-used").exists()
    assert browser.post("/sign-in/second-step/", {"code": codes[0]}).headers["Location"] == "/provider/"
    assert Entry.objects.filter(name="account.break-glass-used").count() == 1
    assert browser.get("/provider/").status_code == 200


def test_guessing_closes_the_account_to_strangers_and_not_to_its_known_device(people: People) -> None:
    known = entered(Browser(), people.dora)
    known.post("/sign-out/")
    for number in range(limits.ACCOUNT + 1):
        answer = Browser(f"203.0.{number}.9").sign_in(people.dora, password="wrong")
    assert "Too many" in answer.content.decode()
    assert Browser("192.0.2.77").sign_in(people.dora).status_code == 200, "not even with the right password"
    assert known.sign_in(people.dora).headers["Location"] == "/sign-in/second-step/"


def test_codes_are_not_guessed_either(people: People, browser: Browser) -> None:
    browser.sign_in(people.dora)
    for number in range(limits.ACCOUNT):
        browser.post("/sign-in/second-step/", {"code": f"{number:06}"})
    answer = browser.post("/sign-in/second-step/", {"code": codes_of(people.dora)[0]})
    assert answer.status_code == 200
    assert "_auth_user_id" not in browser.session


def test_an_inactive_person_is_as_unknown_as_none(people: People, browser: Browser) -> None:
    people.dora.is_active = False
    people.dora.save()
    known = browser.sign_in(people.dora).content.decode()
    unknown = Browser().post("/provider/sign-in/", {"login": "dora2", "password": PASSWORD}).content.decode()
    assert [line for line in known.splitlines() if "alert-danger" in line] == [
        line for line in unknown.splitlines() if "alert-danger" in line
    ]
