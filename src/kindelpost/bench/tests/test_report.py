from __future__ import annotations

from kindelpost.bench.inbound import Measured, Turn
from kindelpost.bench.report import as_data, as_text

TURNS = {
    "Kindelpost": (Turn(100, 90, 8, 0.3), Turn(130, 120, 6, 0.3), Turn(110, 100, 7, 0.3)),
    "a peer": (Turn(60, 50, 14, 0.3), Turn(60, 50, 14, 0.3), Turn(70, 60, 14, 0.3)),
}


def report() -> dict[str, object]:
    measured = [Measured(stack, "5 KB", 10, turns) for stack, turns in TURNS.items()]
    verdicts = {"clean": {"Kindelpost": "INBOX", "a peer": "INBOX"}}
    return as_data({"cores": 2, "memory_gib": 4, "load_before": 0.1}, {"append": 1000.4}, measured, verdicts, ["so"])


def test_figures_are_minimum_median_maximum_and_ratios_are_of_medians() -> None:
    data = report()
    assert data["inbound"][0]["stored"] == [90, 100, 120]  # type: ignore[index]  # JSON
    assert data["ratios"] == [{"of": "Kindelpost", "to": "a peer", "size": "5 KB", "stored": 2.0, "cpu_ms": 0.5}]


def test_a_person_sees_the_disk_the_ratio_the_verdicts_and_the_notes() -> None:
    text = as_text(report())
    assert "1000 a second" in text
    assert "90.0 / 100.0 / 120.0" in text
    assert "stored 2.00 times as fast, with 0.50 times the CPU" in text
    assert "clean" in text
    assert text.endswith("! so")
