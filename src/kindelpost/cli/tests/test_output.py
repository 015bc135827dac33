"""Sizes, days, languages, tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kindelpost.cli.output import language, parse_day, parse_size, show_size, show_table
from kindelpost.cli.session import find_instance
from kindelpost.lib.errors import Refused


@pytest.mark.parametrize(
    ("text", "count"), [("2G", 2 * 10**9), ("2gb", 2 * 10**9), ("500M", 5 * 10**8), ("1Gi", 2**30), ("1500000", 1500000)]
)
def test_a_size_is_read_in_the_units_people_write(text: str, count: int) -> None:
    assert parse_size(text) == count


@pytest.mark.parametrize("text", ["", "G", "-2G", "2 G", "2X", "2.5G", "Ki", "9" * 16])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_size(text)


@pytest.mark.parametrize(("count", "text"), [(2 * 10**9, "2 GB"), (1_500_000, "1.5 MB"), (999, "999 B")])
def test_a_size_is_shown_in_the_unit_people_use(count: int, text: str) -> None:
    assert show_size(count) == text


def test_until_a_day_includes_that_day() -> None:
    assert parse_day("2027-06-30") == datetime(2027, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "30.06.2027", "2027-02-30"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_day(text)


def test_the_language_is_what_was_asked_for_else_the_locales(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert language("") == "en"
    monkeypatch.setenv("LANG", "et_EE.UTF-8")
    assert (language(""), language("en")) == ("et", "en")


def test_a_table_is_aligned_and_an_empty_one_teaches() -> None:
    assert show_table([{"a": "xx", "b": 1}], {"a": "A", "b": "LONG"}, empty="-") == "A   LONG\nxx  1"
    assert show_table([], {"a": "A"}, empty="Add one.") == "Add one."


def test_the_nearest_configuration_names_the_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (deep := tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert find_instance(None) == deep / "var"
    (tmp_path / "kindelpost.toml").touch()
    assert find_instance(None) == tmp_path
    assert find_instance(Path("x")) == deep / "x"
