"""The practice on the running service: tried by the worker itself, told in both languages, exported without secrets."""

from __future__ import annotations

import base64
import os
import signal
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

from e2e.sabotage.inventory import backdoor
from e2e.sabotage.tools import results
from e2e.service import ROOT
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.service import Service

GREEN = {"pass", "warn"}


def tried(service: Service) -> set[str]:
    """The checks that have a result which still holds."""
    return {one["id"] for row in service.json("clauses") for one in row["results"] if one["at"] and not one["stale"]}


def test_the_worker_tries_the_service_by_itself(service: Service) -> None:
    end = time.monotonic() + 180
    wanted = {one["id"] for row in service.json("clauses") for one in row["results"]}
    while tried(service) != wanted and time.monotonic() < end:
        time.sleep(2)
    assert tried(service) == wanted


def test_one_round_tells_what_was_expected_and_what_was_seen(service: Service) -> None:
    begun = time.monotonic()
    rows = service.json("check")
    print(f"one round: {len(rows)} results, {time.monotonic() - begun:.1f} s")
    assert all(row["expected"] and row["observed"] and row["at"] for row in rows)
    assert {row["verdict"] for row in rows} <= {"pass", "warn", "not-applicable"}
    assert {row["kind"] for row in rows} == {"says", "does"}


@pytest.mark.parametrize(("lang", "word"), [("et", "teadmata"), ("en", "unknown")])
def test_the_clauses_are_told_in_both_languages(service: Service, lang: str, word: str) -> None:
    told = service.cli("clauses", "--lang", lang).out
    assert word in told
    assert [line.split()[0] for line in told.splitlines() if line[:1].isalpha()] == [
        "M1", "M2", "M3", "M4", "U1", "P1", "P2", "P3", "P4", "P5", "P6", "E1", "E2", "E3", "R1",
    ]  # fmt: skip


def test_a_clients_export_holds_no_secret_and_nothing_of_another_client(service: Service, tmp_path: Path) -> None:
    other = service.mailbox("pihlakas.example")
    service.cli("check", check=False)
    file = tmp_path / "kadakas.json"
    service.cli("evidence", "export", str(file), "--client", "kadakas")
    content = file.read_bytes()
    assert b"kadakas.example" in content
    assert b"pihlakas" not in content
    assert other.encode() not in content
    found = [name for name, secret in secrets_of(service.folder).items() if any(form in content for form in forms(secret))]
    assert not found
    assert verifies(file)


def verifies(file: Path) -> bool:
    """Says `evidence verify` so, which knows no instance?"""
    return run([ROOT / "kindelpost", "evidence", "verify", file], check=False).code == 0


def secrets_of(folder: Path) -> dict[str, bytes]:
    """Every secret of the instance by where it lies: files of secrets/, keys, the canaries' and the mailboxes' passwords."""
    kept = {path.name: path.read_bytes().strip() for path in (folder / "secrets").iterdir()}
    for path in folder.rglob("*"):
        if path.is_file() and (path.suffix == ".key" or path.name in {"canary.json", "field.key"}):
            kept[str(path)] = path.read_bytes().strip()
    with sqlite3.connect(f"file:{folder}/data/control/db.sqlite3?mode=ro", uri=True) as database:
        kept |= {address: hashed.encode() for address, hashed in database.execute(
            "SELECT a.text, m.password FROM tenants_mailbox m JOIN tenants_address a ON a.id = m.address_id"
        )}  # fmt: skip
    assert len(kept) > 10
    return kept


def forms(secret: bytes) -> list[bytes]:
    """As it is, in base64 and hexadecimal; of a key in lines each line."""
    lines = [line for line in secret.splitlines() if len(line) >= 16 and b"-----" not in line]
    return [form for line in lines for form in (line, base64.b64encode(line), line.hex().encode())]


def test_a_worker_killed_in_the_middle_leaves_a_chain_that_verifies(service: Service, tmp_path: Path) -> None:
    record = service.folder / "run" / "supervisor" / "worker.pid"
    for _ in range(3):
        while not record.exists():  # between two lives
            time.sleep(0.1)
        pid = int(record.read_text().split()[0])
        service.cli("check", "M2.2")
        os.kill(pid, signal.SIGKILL)
        time.sleep(1)
    file = tmp_path / "whole.json"
    service.cli("evidence", "export", str(file))
    assert verifies(file)


def test_the_security_address_is_told_of_a_failure(service: Service) -> None:
    service.cli("check", "M2.2")
    with backdoor(service):
        assert results(service, "M2.2")["M2.2"][0].startswith("fail")
        assert service.sunk("M2.2 puudus / fails", wait=30)
    assert results(service, "M2.2")["M2.2"][0].startswith("pass")


def test_with_the_worker_stopped_for_longer_than_results_hold_nothing_is_green(service: Service) -> None:
    """Its clock cannot be turned on a running machine: every result is made as old as it holds instead."""
    service.cli("check", check=False)
    service.instance.supervisor._ask("stopProcess", "worker", True)  # noqa: FBT003, SLF001 -- as an operator would
    try:
        with sqlite3.connect(service.folder / "data" / "control" / "db.sqlite3", timeout=20) as database:
            database.execute("UPDATE practice_checkstate SET at = datetime(at, '-' || (ttl_s + 1) || ' seconds')")
        rows = service.json("clauses")
        assert {one["verdict"] for row in rows for one in row["results"]} == {"unknown"}
        assert {row["verdict"] for row in rows} == {"unknown"}
    finally:
        service.instance.supervisor._ask("startProcess", "worker", True)  # noqa: FBT003, SLF001 -- as above
        service.cli("check", check=False)
    assert GREEN & {one["verdict"] for row in service.json("clauses") for one in row["results"]}
