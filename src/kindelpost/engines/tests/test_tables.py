"""The four forms of a published map keep their promises."""

from __future__ import annotations

import os
import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindelpost.engines.tables import Folder, Lines, Lmdb, MailboxFile, Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORMS: dict[str, tuple[Callable[[Path], Table], tuple[str, ...]]] = {
    "lmdb": (lambda at: Lmdb(at / "map.lmdb"), ("OK",)),
    "lmdb-prefix": (lambda at: Lmdb(at / "map.lmdb", "@"), ("smtp:",)),
    "sqlite": (lambda at: MailboxFile(at / "users.sqlite"), ("{ARGON2ID}$x", "2000000000", "/mail/a")),
    "lines": (lambda at: Lines(at / "owners.map"), ("a@b.ee,c@d.ee",)),
    "keys": (lambda at: Lines(at / "domains.map"), ()),
    "folder": (lambda at: Folder(at / "policies", ".txt"), ("one\r\ntwo\r\n",)),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_change_is_read_back_and_touches_only_its_keys(form: str, tmp_path: Path) -> None:
    make, values = FORMS[form]
    table = make(tmp_path)
    assert table.read() == {}
    table.change({"a.ee": values, "b.ee": values}, ())
    table.change({"c.ee": values}, ["a.ee", "never-there.ee"])
    assert table.read() == {"b.ee": values, "c.ee": values}


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_map_is_there_for_the_engine_to_open(form: str, tmp_path: Path) -> None:
    FORMS[form][0](tmp_path).change({}, ())
    assert list(tmp_path.iterdir())


@pytest.mark.parametrize("form", FORMS)
def test_a_map_is_readable_by_its_group_and_by_nobody_else(form: str, tmp_path: Path) -> None:
    make, values = FORMS[form]
    before = os.umask(0)
    try:
        make(tmp_path).change({"a.ee": values}, ())
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.rglob("*") if file.is_file()}
    assert modes <= {0o640, 0o440}


def test_lmdb_grows_beyond_what_a_reader_mapped(tmp_path: Path) -> None:
    table = Lmdb(tmp_path / "map.lmdb")
    table.change({f"user{number:06d}@a-domain-of-some-length.test": ("OK",) for number in range(40_000)}, ())
    assert len(table.read()) == 40_000


def test_dovecots_file_has_a_rollback_journal_and_the_promised_columns(tmp_path: Path) -> None:
    MailboxFile(tmp_path / "users.sqlite").change({"a@b.ee": ("{X}y", "5", "/m/a")}, ())
    with sqlite3.connect(f"file:{tmp_path / 'users.sqlite'}?mode=ro", uri=True) as base:
        assert base.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        row = base.execute("SELECT password, quota_bytes, home FROM mailbox WHERE address = 'a@b.ee'").fetchone()
    base.close()
    assert row == ("{X}y", 5, "/m/a")


def test_a_text_map_that_would_not_change_is_not_written(tmp_path: Path) -> None:
    table = Lines(tmp_path / "owners.map")
    table.change({"a@b.ee": ("c@d.ee",)}, ())
    before = table.path.stat()
    table.change({"a@b.ee": ("c@d.ee",)}, ["x@y.ee"])
    assert (before.st_ino, before.st_mtime_ns) == (table.path.stat().st_ino, table.path.stat().st_mtime_ns)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcdef")), max_size=12))
def test_any_order_of_changes_leaves_what_a_plain_table_would_hold(tmp_path: Path, changes: list[tuple[bool, str]]) -> None:
    for form, (make, values) in FORMS.items():
        (folder := tmp_path / form).mkdir(exist_ok=True)
        table, expected = make(folder), {}
        table.change({}, list(table.read()))
        for added, key in changes:
            if added:
                table.change({key: values}, ())
                expected[key] = values
            else:
                table.change({}, [key])
                expected.pop(key, None)
        assert table.read() == expected
