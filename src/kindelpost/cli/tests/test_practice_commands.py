"""The commands of the practice: clauses, evidence, exceptions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from kindelpost.cli import check as checking
from kindelpost.cli import clauses, evidence, exceptions, session
from kindelpost.practice import queries, registry
from kindelpost.practice.actions import record_result
from kindelpost.practice.models import CheckState
from kindelpost.practice.registry import Result, Target, check, checks, failed, passed
from kindelpost.practice.running import run_check
from kindelpost.practice.timers import sync

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result as Ended

    from kindelpost.conftest import World
    from kindelpost.engines.facts import Layout

    Say = Callable[..., Ended]

forking = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # the test runner has threads
app = typer.Typer()
app.command()(checking.check)
app.command()(clauses.clauses)
app.add_typer(evidence.app, name="evidence")
app.add_typer(exceptions.app, name="exceptions")


@pytest.fixture
def say(instance: Layout, world: World, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command on an instance where P3.1 passes and P6.1 fails for the client alfa."""
    monkeypatch.setattr(session, "_open", lambda _instance: None)
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(queries, "awaited", lambda: {"P1.1": "backup"})
    domain = Target("domain", "1", "alfa.test", world.alfa.pk, "alfa", 2)

    @check("P3.1", version=1, kind="does", ttl_s=600, expected="refused")
    def virus(_target: Target) -> Result:
        """A virus is refused."""
        return passed("550 5.7.1 refused")

    @check("P6.1", version=1, kind="does", ttl_s=600, expected="553", target="domain", targets=lambda: (domain,))
    def forged(_target: Target) -> Result:
        """A forged sender is refused."""
        return failed("250 taken")

    sync()
    for one in checks():
        record_result(CheckState.objects.get(check_id=one.id), one, run_check(one, next(iter(one.targets()))))

    def run(*words: str) -> Ended:
        return CliRunner().invoke(app, [*words, *(() if "verify" in words else ("--dir", str(instance.root)))])

    return run


def _json(result: Ended) -> Any:  # noqa: ANN401 -- JSON has no narrower type
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_clauses_for_a_machine_have_the_promised_shape(say: Say) -> None:
    rows = _json(say("clauses", "--json"))
    assert len(rows) == 15
    assert {"id", "et", "en", "verdict", "checks", "attested"} <= set(rows[0])
    assert {row["id"]: row["verdict"] for row in rows if row["verdict"] != "unknown"} == {"P3": "pass", "P6": "fail"}


def test_clauses_in_short_are_a_line_each(say: Say) -> None:
    lines = say("clauses", "--short", "--lang", "en").stdout.splitlines()
    assert len(lines) == 15
    assert "P1  ? unknown       0/0   not checked yet: P1.1" in lines
    assert "P6  ✘ fail          0/1   P6.1: 250 taken" in lines


def test_clauses_for_a_person_come_in_the_language_asked_for_and_say_what_is_wrong(say: Say) -> None:
    estonian, english = say("clauses", "--lang", "et").stdout, say("clauses", "--lang", "en").stdout
    assert "P6  ✘ puudus. Vaikimisi seadistuses" in estonian
    assert "P6  ✘ fail. In the default" in english
    assert "P6.1 alfa.test: ✘ fail: 250 taken" in english
    assert "P1.1" in english
    assert all(len(line) <= 80 for line in english.splitlines())


@forking
@pytest.mark.django_db(transaction=True)
def test_a_check_is_run_now_and_told_with_what_was_expected(say: Say) -> None:
    rows = json.loads(say("check", "--json").stdout)
    assert {"id", "clause", "kind", "target", "mandatory", "verdict", "expected", "observed", "at", "ttl_s"} <= set(rows[0])
    assert [(row["id"], row["verdict"], row["record"]) for row in rows] == [("P6.1", "fail", 5), ("P3.1", "pass", 4)]
    told = say("check", "P6.1", "--lang", "en")
    assert told.exit_code == 1
    assert "✘ fail  P6.1  alfa.test: 250 taken" in told.stdout
    assert "expected: 553" in told.stdout
    assert "1 checks" in told.stdout
    assert say("check", "--clause", "P3", "--lang", "et").exit_code == 0
    assert say("check", "P9.9").exit_code == 1


def test_evidence_is_exported_and_verifies_until_a_verdict_in_it_is_changed(say: Say, tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    assert _json(say("evidence", "export", str(file), "--json")) == {
        "file": str(file), "records": 3, "shown": 3, "client": None,
    }  # fmt: skip
    assert say("evidence", "verify", str(file)).exit_code == 0
    file.write_bytes(file.read_bytes().replace(b'"fail"', b'"pass"'))
    altered = say("evidence", "verify", str(file))
    assert altered.exit_code == 1
    assert "record 3" in altered.stdout
    found = say("evidence", "verify", str(file), "--json")
    assert json.loads(found.stdout)["record"] == 3


def test_a_clients_export_shows_its_own(say: Say, tmp_path: Path) -> None:
    file = tmp_path / "beta.json"
    assert _json(say("evidence", "export", str(file), "--client", "beta", "--json"))["shown"] == 2
    assert "alfa" not in file.read_text(encoding="utf-8")
    assert "client beta" in say("evidence", "verify", str(file)).stdout
    assert say("evidence", "export", str(file), "--client", "nobody").exit_code == 1


def test_a_head_and_a_fingerprint_kept_earlier_are_compared(say: Say, tmp_path: Path) -> None:
    head, file = tmp_path / "head.json", tmp_path / "evidence.json"
    told = say("evidence", "head").stdout
    head.write_text(told.splitlines()[-1], encoding="utf-8")
    say("evidence", "export", str(file))
    first = _json(say("evidence", "verify", str(file), "--head", str(head), "--json"))["fingerprint"]
    assert first in told
    assert _json(say("evidence", "head", "--json"))["first_key"] == first
    assert say("evidence", "verify", str(file), "--fingerprint", first).exit_code == 0
    assert say("evidence", "verify", str(file), "--head", str(file)).exit_code == 1
    assert say("evidence", "verify", str(file), "--fingerprint", "00" * 32).exit_code == 1


def test_the_key_is_replaced_and_the_evidence_still_verifies(say: Say, tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    fingerprint = _json(say("evidence", "rotate-key", "--json"))["fingerprint"]
    say("evidence", "export", str(file))
    report = _json(say("evidence", "verify", str(file), "--json"))
    assert (report["keys"], report["fingerprint"] != fingerprint) == (2, True)


def test_a_file_that_cannot_be_read_is_no_traceback(say: Say, tmp_path: Path) -> None:
    missing = say("evidence", "verify", str(tmp_path / "none"))
    assert (missing.exit_code, missing.exception.__class__) == (1, SystemExit)
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 99)
    assert say("evidence", "verify", str(tmp_path / "noise")).exit_code == 1


def test_an_exception_is_added_listed_and_ended(say: Say) -> None:
    words = ("exceptions", "add", "P6.1", "--owner", "Dora", "--reason", "moving", "--until", "2026-12-24")
    added = _json(say(*words, "--target", "alfa.test", "--json"))
    assert (added["target"], added["state"]) == ("alfa.test", "live")
    table = say("clauses", "--lang", "en").stdout
    assert "! warn: 250 taken (Dora: moving," in " ".join(table.split())
    assert "Dora" in say("exceptions", "list").stdout
    assert _json(say("exceptions", "end", str(added["id"]), "--json"))["state"] == "over"
    assert say("exceptions", "end", "99").exit_code == 1
    assert say(*words, "--target", "nowhere.test").exit_code == 1
