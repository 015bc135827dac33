"""The commands of people and tokens: what they print once, and how they end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from kindelpost.accounts.actions import redeem_enrolment, use_token
from kindelpost.accounts.actions.tokens import Scope
from kindelpost.accounts.models import Person
from kindelpost.cli import example, person, session, token

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout

    Say = Callable[..., Result]

app = typer.Typer()
app.add_typer(person.app, name="person")
app.add_typer(token.app, name="token")
app.add_typer(example.app, name="example")


@pytest.fixture
def say(instance: Layout, world: World, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command on the instance; Django is set up and the account ours already."""
    monkeypatch.setattr(session, "_open", lambda _instance: None)
    return lambda *words: CliRunner().invoke(app, [*words, "--dir", str(instance.root)])


def _json(result: Result) -> Any:  # noqa: ANN401 -- JSON has no narrower type
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _token(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def test_somebody_is_added_with_a_link_that_works(say: Say) -> None:
    said = _json(say("person", "add", "Dora", "--name", "Dora", "--json"))
    assert said["link"].startswith("https://mail.kindelpost.example/enrol/link/")
    assert (said["login"], said["space"], said["second_factor"]) == ("dora", "provider", False)
    assert str(redeem_enrolment(_token(said["link"]))) == "provider/dora"


def test_a_clients_administrator_and_a_mailboxs_user_belong_to_theirs(say: Say, world: World) -> None:
    _json(say("person", "add", "alice@alfa.test", "--space", "client", "--client", "alfa", "--json"))
    _json(say("person", "add", "mari@alfa.test", "--space", "mailbox", "--json"))
    alice, mari = Person.objects.get(space="client"), Person.objects.get(space="mailbox")
    assert (alice.client_id, alice.address_id) == (world.alfa.pk, None)
    assert (mari.client_id, mari.address_id) == (world.alfa.pk, world.mari.address_id)
    assert say("person", "add", "x@alfa.test", "--space", "client", "--client", "nobody").exit_code == 1
    assert say("person", "add", "nobody@alfa.test", "--space", "mailbox").exit_code == 1
    assert say("person", "add", "x", "--space", "machine").exit_code == 2


def test_recovery_gives_another_link_and_removal_none(say: Say) -> None:
    first = _json(say("person", "add", "dora", "--json"))["link"]
    second = _json(say("person", "enrol", "dora", "--json"))["link"]
    third = _json(say("person", "recover", "dora", "--json"))["link"]
    assert len({first, second, third}) == 3
    assert _json(say("person", "remove", "dora", "--json"))["state"] == "removed"
    assert say("person", "enrol", "dora").exit_code == 1
    assert "Nobody yet" in say("person", "list").stdout


def test_the_sealed_account_is_printed_once(say: Say) -> None:
    said = _json(say("person", "add", "envelope", "--break-glass", "--json"))
    assert len(said["codes"]) == 10
    listed = say("person", "list", "--json").stdout
    assert said["password"] not in listed
    assert _json(say("person", "list", "--json"))[0]["break_glass"] is True


def test_a_token_is_printed_once_listed_and_revoked(say: Say) -> None:
    words = ("token", "add", "reporter", "--network", "198.51.100.0/24", "--scope", "read", "--days", "30")
    text = _json(say(*words, "--json"))["token"]
    assert use_token(text, "198.51.100.7", Scope.READ).label == "reporter"
    assert text not in say("token", "list", "--json").stdout
    assert say(*words).exit_code == 1
    assert say("token", "add", "other", "--network", "0.0.0.0/0", "--scope", "read").exit_code == 1
    assert _json(say("token", "revoke", "reporter", "--json"))["state"] == "revoked"
    assert "No token yet" in say("token", "list").stdout


def test_an_evaluations_first_operator_gets_a_link_until_it_is_used(say: Say) -> None:
    first = json.loads(say("example", "operator").stdout)
    again = json.loads(say("example", "operator").stdout)
    assert first[-1] != again[-1]
    operator = redeem_enrolment(_token(again[-1]))
    operator.set_password("kadakas-ja-kivi-2026")
    operator.save()
    assert not any("/enrol/" in line for line in json.loads(say("example", "operator").stdout))
