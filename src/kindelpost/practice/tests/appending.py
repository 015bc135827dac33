"""A process that appends evidence: FOLDER COUNT BATCH LABEL. A script of the tests; it needs no Django."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from kindelpost.lib.clock import now
from kindelpost.practice.evidence import Store, moment

__all__ = ["body", "main"]


def body(number: int, label: str, **other: object) -> dict[str, Any]:
    """A result as the room writes it."""
    at = now()
    said = {
        "type": "result", "check": "P3.1", "version": 1, "clauses": ["P3"], "kind": "does",
        "target": {"kind": "provider", "id": label, "label": label}, "client": None, "sees": "client",
        "expected": "550 5.7.1 refused at the end of DATA",
        "observed": f"550 5.7.1 virus found: Eicar-Test-Signature ({number})",
        "details": {"reply": "550 5.7.1", "number": number}, "inputs": {}, "weaker": "", "verdict": "pass",
        "started": moment(at - timedelta(milliseconds=80)), "ended": moment(at), "ttl_s": 3600,
    }  # fmt: skip
    return {**said, **other}


def main() -> None:
    """Append, a batch at a time."""
    folder, count, batch, label = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    store = Store(folder / "evidence", folder / "evidence.key", collector="mx.test")
    for start in range(0, count, batch):
        store.append(*(body(number, label) for number in range(start, min(start + batch, count))))


if __name__ == "__main__":
    main()
