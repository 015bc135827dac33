"""The bench runs, loses nothing and prints its ratios. Speed is never asserted."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from e2e.service import ROOT, scratch
from kindelpost.bench.corpus import SIZES
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from typing import Any

PORT_BASE = int(os.environ.get("KP_E2E_PORT_BASE", "29000")) - 1000


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """A quick run's report; the command fails where an accepted message is in no mailbox."""
    folder = scratch().with_name(f"{scratch().name}-bench")
    words = ["bench", "--quick", "--json", "--dir", str(folder), "--port-base", str(PORT_BASE)]
    done = run([ROOT / "kindelpost", *words], check=False, timeout=300, cwd=ROOT)
    assert done.code == 0, done.said
    assert not folder.exists()
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_disk_truth_comes_first(report: dict[str, Any]) -> None:
    assert set(report["disk"]) == {"append + fdatasync", "create + fsync + rename"}
    assert all(rate > 0 for rate in report["disk"].values())


def test_both_stacks_store_every_size(report: dict[str, Any]) -> None:
    assert {(row["stack"], row["size"]) for row in report["inbound"]} == {
        (stack, size) for stack in ("Kindelpost", "Debian's defaults") for size in SIZES
    }
    assert all(row["stored"][0] > 0 for row in report["inbound"])


def test_ratios_are_printed_for_every_size(report: dict[str, Any]) -> None:
    assert [row["size"] for row in report["ratios"]] == list(SIZES)


def test_verdicts_are_equal_or_better(report: dict[str, Any]) -> None:
    harsh = ["INBOX", "Junk", "refused"]
    found = report["verdicts"]
    assert found["clean"] == {"Kindelpost": "INBOX", "Debian's defaults": "INBOX"}
    for name, verdicts in found.items():
        assert harsh.index(verdicts["Kindelpost"]) >= harsh.index(verdicts["Debian's defaults"]), name
