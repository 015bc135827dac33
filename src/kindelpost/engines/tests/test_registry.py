from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kindelpost.config.service import Service
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.registry import ORDER, engines, process_table
from kindelpost.engines.tests.rows import TABLE
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from kindelpost.engines.base import Engine, Process

FACTS = Facts(Layout(Path("/srv/kp")), Service())


def with_rows(*rows: Process) -> Engine:
    return replace(engines(only=("redis",))[0], processes=lambda _facts: rows)


def test_every_engine_is_named_as_its_folder_and_stands_in_start_order() -> None:
    names = [engine.name for engine in engines(outside=True)]
    assert names == [name for name in ORDER if name in names]


def test_the_outside_world_is_only_there_when_asked_for() -> None:
    assert "outside" not in [engine.name for engine in engines()]


def test_a_process_comes_after_those_that_it_waits_for() -> None:
    table = process_table([with_rows(*reversed(TABLE))], FACTS)
    assert [row.name for row in table] == ["redis", "rspamd", "sts", "postfix"]


def test_processes_that_wait_for_each_other_are_refused() -> None:
    one, two = replace(TABLE[0], name="one", after=("two",)), replace(TABLE[0], name="two", after=("one",))
    with pytest.raises(EngineFault, match="one → two → one"):
        process_table([with_rows(one, two)], FACTS)
