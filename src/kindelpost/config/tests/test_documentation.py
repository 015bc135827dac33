from __future__ import annotations

import re
from pathlib import Path

from kindelpost.config import documentation
from kindelpost.config.load import load, parse
from kindelpost.config.service import Service
from kindelpost.config.version import VERSION

ROOT = Path(__file__).parents[4]


def test_the_example_loads_and_is_the_defaults() -> None:
    assert load(ROOT / "docs/kindelpost.example.toml") == Service()


def test_the_example_is_current() -> None:
    assert (ROOT / "docs/kindelpost.example.toml").read_text(encoding="utf-8") == documentation.example()


def test_the_page_is_current() -> None:
    assert (ROOT / "docs/configuration.md").read_text(encoding="utf-8") == documentation.page()


def test_settings_that_the_example_leaves_unset_can_be_set() -> None:
    text = re.sub(r'^# (\w+ = "/path)', r"\1", documentation.example(), flags=re.MULTILINE)
    assert str(parse(text, ROOT).tls.key) == "/path/to/file.pem"


def test_every_setting_has_a_reason_and_a_clause() -> None:
    for table, _sentence, settings in documentation.tables():
        for setting in settings:
            assert setting.why, f"{table}.{setting.name}"
            assert re.fullmatch(r"[MUPER]\d", setting.clause), f"{table}.{setting.name}"


def test_no_setting_is_left_out_of_the_page() -> None:
    shown = {(table, setting.name) for table, _sentence, settings in documentation.tables() for setting in settings}
    assert shown == {
        (table, name) for table, fields in Service().model_dump().items() if isinstance(fields, dict) for name in fields
    } | {("", name) for name, value in Service().model_dump().items() if not isinstance(value, dict)}


def test_the_version_is_the_changelogs() -> None:
    found = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert found
    assert found[1] == VERSION
