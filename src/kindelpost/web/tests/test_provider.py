"""What the provider's staff do on their pages, through the same actions as the other doors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kindelpost.accounts.models import Person
from kindelpost.journal.events import Event
from kindelpost.mail.addresses import parse_domain
from kindelpost.practice.clauses import clauses
from kindelpost.practice.shown import history_for
from kindelpost.practice.store import evidence
from kindelpost.tenants.models import Client, Domain
from kindelpost.web.events import WORDS
from kindelpost.web.provider import engines
from kindelpost.web.tests.conftest import confirmed, entered

if TYPE_CHECKING:
    from kindelpost.conftest import World
    from kindelpost.web.tests.conftest import Browser, People


@pytest.fixture
def dora(people: People, browser: Browser) -> Browser:
    return confirmed(browser, people.dora)


def test_a_client_comes_gets_a_domain_and_goes(dora: Browser) -> None:
    at, name = "/provider/clients/uus/", parse_domain("õun.test")
    assert "This name is taken" in dora.post("/provider/clients/new/", {"name": "Alfa", "slug": "alfa"}).content.decode()
    assert dora.post("/provider/clients/new/", {"name": "Uus OÜ", "slug": "uus"}).headers["Location"] == at
    page = dora.post(f"{at}domains/new/", {"name": "a.beta.test"}).content.decode()
    assert "one that another client has" in page
    assert dora.post(f"{at}domains/new/", {"name": "õun.test"}).headers["Location"] == f"/provider/domains/{name}/"
    assert f"õun.test ({name})" in dora.get(at).content.decode()
    assert dora.post(f"{at}remove/").status_code == 400, "something is still in it"
    assert dora.post(f"/provider/domains/{name}/remove/").status_code == 302
    assert dora.post(f"{at}remove/").status_code == 302
    assert not Client.objects.filter(slug="uus").exists()


def test_a_domain_with_mailboxes_goes_only_when_that_is_said(dora: Browser) -> None:
    page = dora.post("/provider/domains/alfa.test/remove/").content.decode()
    assert "Something is still in it" in page
    assert "2 addresses are in it." in page
    assert dora.post("/provider/domains/alfa.test/remove/", {"with_contents": "on"}).status_code == 302
    assert not Domain.objects.filter(name="alfa.test").exists()


def test_a_new_person_gets_a_link_shown_once(dora: Browser) -> None:
    page = dora.post("/provider/people/new/", {"login": "eve@alfa.test", "name": "Eve", "of": "alfa"}).content.decode()
    assert re.search(r"/enrol/link/[\w-]{43}/", page)
    assert Person.objects.get(login="eve@alfa.test").space == "client"
    assert "/enrol/link/" not in dora.get("/provider/people/client/eve@alfa.test/").content.decode()
    assert "/enrol/link/" in dora.post("/provider/people/client/eve@alfa.test/link/").content.decode()
    assert dora.post("/provider/people/client/eve@alfa.test/remove/").status_code == 302
    assert not Person.objects.filter(login="eve@alfa.test").exists()


def test_recovery_takes_every_way_in_and_is_never_ones_own(dora: Browser, people: People) -> None:
    assert "/enrol/link/" in dora.post("/provider/people/client/alice@alfa.test/recover/").content.decode()
    people.alice.refresh_from_db()
    assert not people.alice.has_usable_password()
    assert dora.post("/provider/people/provider/dora/recover/").status_code == 400
    assert dora.post("/provider/people/provider/dora/remove/").status_code == 400


@pytest.mark.parametrize("path", ["new/", "client/alice@alfa.test/recover/", "client/alice@alfa.test/remove/"])
def test_rights_are_given_and_taken_only_with_a_fresh_proof(people: People, browser: Browser, path: str) -> None:
    entered(browser, people.dora)
    before = Person.objects.count()
    for answer in (browser.get(f"/provider/people/{path}"), browser.post(f"/provider/people/{path}")):
        assert answer.headers["Location"].startswith("/security/confirm/")
    people.alice.refresh_from_db()
    assert people.alice.has_usable_password()
    assert Person.objects.count() == before


def test_without_the_helper_the_state_of_the_engines_is_unknown(dora: Browser) -> None:
    page = dora.get("/provider/engines/", {"look": "1"}).content.decode()
    assert "does not answer" in page
    assert "the state of the engines is unknown" in page
    assert "Everything runs" not in page


def test_the_engines_are_shown_as_they_were_seen(dora: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    row: dict[str, object] = {
        "name": "postfix",
        "version": "3.7.11",
        "account": "postfix",
        "listens": [],
        "limits": "",
        "since": None,
    }
    rows = [{**row, "state": "ready", "said": "It answers."}, {**row, "state": "degraded", "said": "It is silent."}]
    sockets = {"undeclared": ["tcp://0.0.0.0:31337"], "missing": ["mx:25"]}
    found = {"state": "degraded", "engines": rows, "sockets": sockets}
    monkeypatch.setattr(engines, "ask", lambda _layout, name: found if name == "engines" else None)
    page = dora.get("/provider/engines/", {"look": "1"}).content.decode()
    for words in ("Not everything runs", "</span> runs<", "</span> does not answer<", "Nobody declared tcp://0.0.0.0:31337."):
        assert words in page


def test_a_checks_history_is_as_the_evidence_tells_it(dora: Browser, world: World) -> None:
    common = {"type": "result", "check": "P9.1", "ttl_s": 60, "client": None, "sees": "provider"}
    for number, verdict in enumerate(["pass"] * 60 + ["fail"]):
        evidence().append({**common, "target": {"kind": "x", "id": str(number % 2), "label": "l"}, "verdict": verdict})
    evidence().append({**common, "check": "P9.11", "target": {"kind": "x", "id": "0", "label": "l"}, "verdict": "warn"})
    found = history_for(world.dora, ["P9.1"])
    assert set(found) == {("P9.1", "0"), ("P9.1", "1")}
    assert [one["verdict"] for one in found["P9.1", "0"]] == ["pass"] * 30 + ["fail"]
    assert not history_for(world.alice, ["P9.1"])


def test_the_newest_evidence_is_read_from_whole_lines(dora: Browser) -> None:
    for number in range(50):
        evidence().append({"type": "result", "check": f"P{number}"})
    lines = list(evidence().last(2000))
    assert 1 < len(lines) < 20
    assert all(line.startswith(b'{"check"') for line in lines)
    assert b'"check":"P49"' in lines[-1]
    assert len(list(evidence().last(10**9))) == 51


def test_every_clause_has_its_page(dora: Browser) -> None:
    for clause in clauses():
        assert dora.get(f"/provider/clauses/{clause}/").status_code == 200


def test_every_event_has_words() -> None:
    assert set(WORDS) == set(Event)
