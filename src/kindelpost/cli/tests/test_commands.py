"""The commands: what they print, and how they end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from kindelpost.cli import alias, client, domain, mailbox, send_as, session, waiting
from kindelpost.engines.maps import publish_all
from kindelpost.journal.models import Entry
from kindelpost.journal.sweep import sweep
from kindelpost.tenants.models import Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout

    Say = Callable[..., Result]

MARI, JUKU = "mari@alfa.test", "juku@alfa.test"
app = typer.Typer()
for name, part in (("client", client), ("domain", domain), ("mailbox", mailbox), ("alias", alias), ("send-as", send_as)):
    app.add_typer(part.app, name=name)


@pytest.fixture
def say(instance: Layout, world: World, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command on the instance; Django is set up and the account ours already, and the worker answers while it waits."""
    monkeypatch.setattr(session, "_open", lambda _instance: None)
    monkeypatch.setattr(waiting, "sleep", lambda _seconds: sweep())
    publish_all()
    while sweep():
        pass

    def run(*words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, [*words, "--dir", str(instance.root)], input=stdin)

    return run


def _json(result: Result) -> Any:  # noqa: ANN401 -- JSON has no narrower type
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_shapes_of_the_lists_are_the_promised_ones(say: Say) -> None:
    assert _json(say("domain", "list", "--json"))[0] == {"name": "alfa.test", "client": "alfa", "state": "ready"}
    assert _json(say("mailbox", "list", "--json"))[0] == {
        "address": JUKU, "client": "alfa", "state": "ready", "quota_bytes": 2_000_000_000,
    }  # fmt: skip


def test_a_whole_life_from_client_to_grant_and_back(say: Say) -> None:
    def done(*words: str, stdin: str = "") -> str:
        result = say(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    done("client", "add", "gamma", "--name", "Gamma OÜ")
    assert "gamma.test is ready" in done("domain", "add", "Gamma.test", "--client", "gamma")
    assert "a@gamma.test is ready" in done("mailbox", "add", "a@gamma.test", "--password-stdin", stdin="kadakas-kivi-2026\n")
    done("mailbox", "quota", "a@gamma.test", "3G")
    done("mailbox", "add", "b@gamma.test")
    done("alias", "add", "info@gamma.test", "--to", "a@gamma.test", "--to", "b@gamma.test", "--owner", "b@gamma.test")
    done("send-as", "grant", "a@gamma.test", "info@gamma.test", "--reason", "shared desk", "--until", "2027-06-30")
    assert _json(say("mailbox", "show", "a@gamma.test", "--json"))["sends_as"] == ["info@gamma.test"]
    assert "shared desk" in done("send-as", "list")
    done("send-as", "remove", "a@gamma.test", "info@gamma.test")
    done("alias", "remove", "info@gamma.test")
    done("mailbox", "remove", "a@gamma.test")
    done("mailbox", "remove", "b@gamma.test")
    done("domain", "remove", "gamma.test")
    done("client", "remove", "gamma")
    assert "gamma" not in done("client", "list")


def test_a_password_from_standard_input_is_never_printed(say: Say) -> None:
    result = say("mailbox", "password", MARI, "--password-stdin", stdin="kadakas-kivi-2026\n")
    assert result.exit_code == 0
    assert "kadakas" not in result.output


def test_a_made_password_is_shown_once_and_is_the_one_that_is_kept(say: Say) -> None:
    from argon2 import PasswordHasher

    shown = _json(say("mailbox", "password", MARI, "--json"))["password"]
    kept = Mailbox.objects.get(address__text=MARI).password
    assert PasswordHasher().verify(kept.removeprefix("{ARGON2ID}"), shown)
    assert "password" not in _json(say("mailbox", "show", MARI, "--json"))


def test_without_the_worker_a_mailbox_is_said_to_be_being_prepared(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.0)
    result = say("mailbox", "add", "liis@alfa.test", "--password-stdin", stdin="kadakas-kivi-2026\n")
    assert result.exit_code == 0
    assert "being prepared" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("mailbox", "add", "liis@nowhere.test"),
        ("mailbox", "add", MARI),
        ("mailbox", "add", "liis@alfa.test", "--quota", "lots"),
        ("mailbox", "show", "nobody@alfa.test"),
        ("alias", "add", "out@alfa.test", "--to", "x@elsewhere.test"),
        ("domain", "add", "sub.alfa.test", "--client", "beta"),
        ("domain", "remove", "alfa.test"),
        ("client", "show", "nobody"),
        ("send-as", "grant", MARI, "kalle@beta.test", "--reason", "r", "--until", "2027-01-01"),
        ("send-as", "grant", MARI, JUKU, "--reason", "r", "--until", "soon"),
    ],
)
def test_a_refusal_ends_with_1_and_says_on_standard_error_what_to_do(say: Say, words: tuple[str, ...]) -> None:
    before = Entry.objects.count()
    result = say(*words)
    assert result.exit_code == 1
    assert not result.stdout
    assert result.stderr.count("\n") >= 1
    assert "Traceback" not in result.stderr
    assert Entry.objects.count() == before


def test_wrong_usage_ends_with_2(say: Say) -> None:
    assert say("mailbox", "add").exit_code == 2


def test_a_folder_without_a_service_is_told_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["domain", "list", "--dir", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "kindelpost up" in result.stderr


def test_a_database_that_is_away_ends_with_3(instance: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(_instance: Path) -> None:
        raise OperationalError("unable to open database file")

    monkeypatch.setattr(session, "_open", away)
    result = CliRunner().invoke(app, ["domain", "list", "--dir", str(instance.root)])
    assert result.exit_code == 3
    assert "unable to open" in result.stderr


@pytest.mark.parametrize(("lang", "word"), [("et", "Ütleb maailmale"), ("en", "Tells the world")])
def test_a_domain_shows_its_records_with_reasons_in_the_readers_language(say: Say, lang: str, word: str) -> None:
    result = say("domain", "show", "alfa.test", "--lang", lang)
    assert word in result.stdout
    assert "v=DKIM1; k=ed25519" in result.stdout
    records = _json(say("domain", "show", "alfa.test", "--json"))["records"]
    assert {record["type"] for record in records} == {"MX", "TXT", "CNAME", "SRV"}
    assert all(record["reason"]["et"] and record["reason"]["en"] for record in records)
