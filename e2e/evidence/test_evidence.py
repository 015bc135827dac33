"""A hundred thousand records, written by four processes at once: one chain that verifies alone, and no record can be altered.

Needs no engine: the store and the command as they are installed.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from e2e.service import ROOT
from kindelpost.lib.run import Finished, run
from kindelpost.practice.evidence import Store
from kindelpost.practice.export import export
from kindelpost.practice.tests import appending

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
EACH, WRITERS, BATCH = 25_000, 4, 5
RECORDS = EACH * WRITERS + 1  # the key's too


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of them all."""
    folder = tmp_path_factory.mktemp("evidence")

    def write(number: int) -> None:
        argv = [sys.executable, "-P", str(appending.__file__), str(folder), str(EACH), str(BATCH), f"writer-{number}"]
        run(argv, env={"PYTHONPATH": str(ROOT / "src")}, timeout=600)

    begun = monotonic()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    print(f"appended by {WRITERS} processes: {monotonic() - begun:.1f} s")
    begun = monotonic()
    with (folder / "export").open("wb") as sink:
        assert export(Store(folder / "evidence", folder / "evidence.key"), sink) == (RECORDS, RECORDS)
    print(f"exported: {monotonic() - begun:.1f} s, {(folder / 'export').stat().st_size / 1e6:.0f} MB")
    return folder / "export"


def _verify(file: Path) -> Finished:
    return run([ROOT / "kindelpost", "evidence", "verify", file, "--json"], check=False, timeout=300)


def test_a_hundred_thousand_records_of_four_writers_verify(file: Path) -> None:
    begun = monotonic()
    done = _verify(file)
    print(f"verified: {monotonic() - begun:.1f} s")
    assert done.code == 0, done.said
    report = json.loads(done.out)
    assert (report["verifies"], report["records"], report["shown"]) == (True, RECORDS, RECORDS)


def test_one_verdict_changed_in_the_middle_is_found_and_named(file: Path, tmp_path: Path) -> None:
    raw = file.read_bytes()
    at = raw.index(b'"pass"', len(raw) // 2)
    altered = tmp_path / "altered"
    altered.write_bytes(raw[:at] + b'"fail"' + raw[at + 6 :])
    done = _verify(altered)
    altered.unlink()
    assert done.code == 1
    assert json.loads(done.out)["record"] == raw[:at].count(b"\n") + 1
