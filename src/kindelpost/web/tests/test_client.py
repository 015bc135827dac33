"""What a client's administrator does on her pages, through the same actions as the other doors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kindelpost.journal.models import Entry
from kindelpost.practice.store import evidence
from kindelpost.practice.verify import verify_file
from kindelpost.sending import published
from kindelpost.tenants.actions import mark_mailbox_ready
from kindelpost.tenants.models import Alias, Mailbox, SendAsGrant
from kindelpost.web.tests.conftest import entered

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.conftest import World
    from kindelpost.web.tests.conftest import Browser, People

NEW = {"local": "uus", "domain": "alfa.test", "quota": "2.5", "password": ""}


@pytest.fixture
def alice(people: People, browser: Browser) -> Browser:
    return entered(browser, people.alice)


def test_a_new_mailbox_is_shown_its_password_once_and_turns_ready(alice: Browser) -> None:
    page = alice.post("/client/mailboxes/new/", NEW)
    made = re.search(r'kp-secret">([a-z2-9-]{27})<', page.content.decode())
    assert made
    assert "no-store" in page.headers["Cache-Control"]
    mailbox = Mailbox.objects.get(address__text="uus@alfa.test")
    assert mailbox.quota_bytes == 2_500_000_000
    assert Entry.objects.get(name="mailbox.created", subject_label="uus@alfa.test").actor_id == "client/alice@alfa.test"
    assert made[1] not in alice.get("/client/mailboxes/uus@alfa.test/").content.decode()
    part = alice.get("/client/mailboxes/uus@alfa.test/state/").content.decode()
    assert "being prepared" in part
    assert 'hx-trigger="every 2s"' in part
    mark_mailbox_ready(mailbox)
    part = alice.get("/client/mailboxes/uus@alfa.test/state/").content.decode()
    assert "ready" in part
    assert "hx-trigger" not in part, "it asks no more"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"local": "mari"}, "This name is taken."),
        ({"local": "a+b"}, "This address cannot be served."),
        ({"password": "short"}, "12 to 200 characters"),
        ({"quota": "0.0001"}, "greater than or equal"),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_made(alice: Browser, wrong: dict[str, str], words: str) -> None:
    page = alice.post("/client/mailboxes/new/", NEW | wrong).content.decode()
    assert words in page
    assert Mailbox.objects.count() == 3


def test_quota_and_password_change_and_a_mailbox_goes(alice: Browser, world: World) -> None:
    at = "/client/mailboxes/mari@alfa.test"
    assert alice.post(f"{at}/quota/", {"quota": "7"}, follow=True).status_code == 200
    assert Mailbox.objects.get(pk=world.mari.pk).quota_bytes == 7 * 10**9
    before = Mailbox.objects.get(pk=world.mari.pk).password
    assert "alert-danger" in alice.post(f"{at}/password/", {"password": "short"}, follow=True).content.decode()
    assert Mailbox.objects.get(pk=world.mari.pk).password == before
    assert "shown this once" in alice.post(f"{at}/password/").content.decode()
    assert Mailbox.objects.get(pk=world.mari.pk).password != before
    page = alice.get(f"{at}/remove/").content.decode()
    assert "Remove mari@alfa.test and its mail" in page
    assert alice.post(f"{at}/remove/").headers["Location"] == "/client/mailboxes/"
    assert not Mailbox.objects.filter(pk=world.mari.pk).exists()


def test_an_alias_that_leads_out_asks_with_the_risk_in_words(alice: Browser) -> None:
    asked = {
        "local": "info",
        "domain": "alfa.test",
        "targets": "mari@alfa.test\nfriend@outside.test",
        "owner": "mari@alfa.test",
    }
    page = alice.post("/client/aliases/new/", asked).content.decode()
    assert "would leave your organisation" in page
    assert "friend@outside.test. It can be read there" in page
    assert not Alias.objects.exists()
    assert alice.post("/client/aliases/new/", asked | {"acknowledged": "on"}).headers["Location"] == "/client/aliases/"
    assert Alias.objects.get().external_acknowledged
    assert "the risk was accepted" in alice.get("/client/aliases/").content.decode()
    assert alice.post("/client/aliases/info@alfa.test/remove/").status_code == 302
    assert not Alias.objects.exists()


def test_an_alias_inside_asks_nothing(alice: Browser) -> None:
    asked = {"local": "info", "domain": "alfa.test", "targets": "mari@alfa.test juku@alfa.test", "owner": ""}
    assert alice.post("/client/aliases/new/", asked).status_code == 302
    assert not Alias.objects.get().external_acknowledged


def test_a_grant_has_a_reason_and_ends_with_its_last_day(alice: Browser) -> None:
    asked = {"mailbox": "mari@alfa.test", "address": "juku@alfa.test", "reason": "Puhkus", "until": "2026-12-01"}
    assert "cannot" not in alice.post("/client/send-as/new/", asked | {"until": "2026-11-01"}).content.decode()
    assert not SendAsGrant.objects.exists()
    assert alice.post("/client/send-as/new/", asked).status_code == 302
    grant = SendAsGrant.objects.get()
    assert grant.expires_at.isoformat() == "2026-12-02T00:00:00+00:00", "as the command line counts"
    assert "Dec. 1, 2026" in alice.get("/client/send-as/").content.decode()
    assert alice.post("/client/send-as/mari@alfa.test/juku@alfa.test/revoke/").status_code == 302
    assert not SendAsGrant.objects.exists()


def test_lists_search_sort_and_export(alice: Browser) -> None:
    page = alice.get("/client/mailboxes/", {"q": "juku"}).content.decode()
    assert "juku@alfa.test" in page
    assert "mari@alfa.test" not in page
    text = alice.get("/client/mailboxes/", {"sort": "-address", "format": "csv"}).getvalue().decode()
    assert text.splitlines()[1:] == ["mari@alfa.test,2000000000,being-prepared", "juku@alfa.test,2000000000,being-prepared"]
    assert 'aria-sort="descending"' in alice.get("/client/mailboxes/", {"sort": "-address"}).content.decode()
    assert alice.get("/client/mailboxes/", {"sort": "password", "page": "x"}).status_code == 200
    assert "Nothing found" in alice.get("/client/mailboxes/", {"q": "zzz"}).content.decode()


def test_the_journal_tells_what_the_provider_did(alice: Browser) -> None:
    page = alice.get("/client/journal/", {"by": "provider"}).content.decode()
    assert "mailbox created" in page
    assert "Dora" in page
    assert "signed in" not in page
    assert "kalle@beta.test" not in page


def test_a_domains_page_says_what_dns_shows(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"alfa.test MX": ["10 mail.kindelpost.example."], "alfa.test TXT": ["v=spf1 ~all", "v=spf1 -all", "other"]}
    monkeypatch.setattr(published, "_resolver", lambda: lambda name, kind: answers.get(f"{name} {kind}", []))
    plain = alice.get("/client/domains/alfa.test/").content.decode()
    assert "not published" not in plain
    page = alice.get("/client/domains/alfa.test/", {"dns": "1"}).content.decode()
    assert page.count("> published<") == 1
    assert page.count("> different<") == 1
    assert "v=spf1 -all" in page
    assert "> not published<" in page


def test_the_zone_file_holds_the_domains_own_records(alice: Browser) -> None:
    text = alice.get("/client/domains/alfa.test/zone/").content.decode()
    assert "alfa.test. 3600 IN MX 10 mail.kindelpost.example.\n" in text
    assert '_dmarc.alfa.test. 3600 IN TXT "v=DMARC1; p=reject' in text
    assert "_25._tcp" not in text


def test_the_evidence_file_verifies_and_holds_nothing_of_others(alice: Browser, tmp_path: Path, world: World) -> None:
    common = {"type": "result", "check": "P9", "target": {"kind": "x", "id": "1", "label": "l"}, "verdict": "pass", "ttl_s": 60}
    at = "2026-11-24T09:00:00.000000Z"
    for client, sees in ((world.beta.pk, "client"), (None, "provider"), (None, "client"), (world.alfa.pk, "client")):
        evidence().append({**common, "client": client, "sees": sees, "started": at, "ended": at})
    answer = alice.get("/client/evidence/")
    file = tmp_path / "evidence.jsonl"
    file.write_bytes(answer.getvalue())
    with file.open("rb") as source:
        report = verify_file(source)
    assert (report.client, report.records, report.shown) == ("alfa", 5, 3)
