"""Workers in several processes share the work on the real database, SQLite's file or PostgreSQL, and nothing is done twice."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kindelpost.lib.run import run
from kindelpost.practice.tests import racing

if TYPE_CHECKING:
    from kindelpost.engines.facts import Layout

SRC = Path(__file__).parents[3]
ROWS = 60


@pytest.mark.django_db(transaction=True)
def test_no_check_is_claimed_twice_by_processes_that_claim_at_once(instance: Layout) -> None:
    from django.db import connection  # noqa: PLC0415 -- the test's own database is known only now

    env = {"PYTHONPATH": str(SRC), "KINDELPOST_DIR": str(instance.root)}
    if connection.vendor == "postgresql":
        server = os.environ["KP_TEST_DATABASE"].rpartition("/")[0]
        env["KP_TEST_DATABASE"] = f"{server}/{connection.settings_dict['NAME']}"
    said = run([sys.executable, "-P", racing.__file__, "4", str(ROWS)], env=env, cwd=SRC)
    got = [key for _worker, keys in json.loads(said.out) for key in keys]
    assert len(got) == len(set(got)) == ROWS
