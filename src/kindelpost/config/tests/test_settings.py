"""Django's settings follow the service configuration."""

from __future__ import annotations

from pathlib import Path

from kindelpost.config.settings import database


def test_sqlite_takes_its_write_lock_at_once_waits_for_others_and_survives_a_power_cut() -> None:
    chosen = database("sqlite", Path("/i/data/control/db.sqlite3"))
    assert chosen["NAME"] == "/i/data/control/db.sqlite3"
    assert chosen["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert chosen["OPTIONS"]["timeout"] >= 10
    assert "journal_mode=WAL" in chosen["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in chosen["OPTIONS"]["init_command"]


def test_a_postgresql_address_is_read_with_encoded_signs() -> None:
    chosen = database("postgresql://kp:p%40ss@db.example:5433/control", "")
    assert chosen["ENGINE"].endswith("postgresql")
    assert [chosen[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "control", "kp", "p@ss", "db.example", "5433",
    ]  # fmt: skip


def test_a_postgresql_address_may_name_a_folder_of_sockets() -> None:
    assert database("postgresql://kp@%2Frun%2Fpostgresql/control", "")["HOST"] == "/run/postgresql"
