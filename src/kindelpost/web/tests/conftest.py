"""Somebody at a browser, over TLS, and people who can sign in."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from kindelpost.accounts.actions import add_person, finish_enrolment, set_password
from kindelpost.conftest import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kindelpost.accounts.models import Person
    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout

HOST = "mail.kindelpost.example"


class Browser(Client):
    """Django's client over TLS, from an address of the outside world; answers are followed by whoever asks."""

    def __init__(self, address: str = "198.51.100.7", language: str = "en") -> None:
        super().__init__(
            headers={"x-forwarded-proto": "https", "x-real-ip": address, "host": HOST, "accept-language": language},
        )

    def sign_in(self, person: Person, *, at: str = "", password: str = PASSWORD) -> Any:  # noqa: ANN401 -- the test client's own answer
        """Login and password at a door, by default the person's own."""
        return self.post(f"/{at or person.space}/sign-in/", {"login": person.login, "password": password})


@dataclass(frozen=True)
class People:
    dora: Person  # the provider's
    alice: Person  # administrator of alfa
    carl: Person  # administrator of beta
    mari: Person  # user of mari@alfa.test, with a second factor


def codes_of(person: Person) -> list[str]:
    """Recovery codes, which a test can type without a clock."""
    return list(RecoveryCodes.activate(person).get_unused_codes())


def ready(person: Person) -> Person:
    set_password(person, PASSWORD)
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    finish_enrolment(person)
    return person


@pytest.fixture
def people(instance: Layout, world: World) -> Iterator[People]:
    alfa, address = world.alfa.pk, world.mari.address_id
    cache.clear()
    yield People(
        dora=ready(add_person("provider", "dora", "Dora", actor=world.dora)),
        alice=ready(add_person("client", "alice@alfa.test", "Alice", client_id=alfa, actor=world.dora)),
        carl=ready(add_person("client", "carl@beta.test", "Carl", client_id=world.beta.pk, actor=world.dora)),
        mari=ready(add_person("mailbox", "mari@alfa.test", "Mari", client_id=alfa, address_id=address, actor=world.dora)),
    )
    cache.clear()


@pytest.fixture
def browser() -> Browser:
    return Browser()


def entered(browser: Browser, person: Person) -> Browser:
    """Signed in with password and code."""
    browser.sign_in(person)
    browser.post("/sign-in/second-step/", {"code": codes_of(person)[0]})
    return browser


def confirmed(browser: Browser, person: Person) -> Browser:
    """Signed in, and proved anew."""
    entered(browser, person).post("/security/confirm/code/", {"code": codes_of(person)[1]})
    return browser


def scripts_of(response: Any) -> list[str]:  # noqa: ANN401 -- the test client's own answer
    """What stands between script tags, and the values of attributes that run."""
    text = response.content.decode()
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", text, re.DOTALL)
    return list(itertools.chain(inline, re.findall(r"\son[a-z]+=|\sstyle=|javascript:", text)))
