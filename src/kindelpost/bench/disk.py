"""Figure 1, disk truth: how often a second this disk makes something durable. Every other figure is read beside it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["measure_disk"]

LETTER = b"x" * 5000


def measure_disk(folder: Path, seconds: float) -> dict[str, float]:
    """Operations a second in `folder`, each tried for `seconds`: append + fdatasync, and create + fsync + rename."""
    folder.mkdir(parents=True, exist_ok=True)
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append() -> None:
        os.write(log, LETTER)
        os.fdatasync(log)

    def create() -> None:
        draft = folder / "draft"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(handle, LETTER)
        os.fsync(handle)
        os.close(handle)
        draft.rename(folder / "letter")

    try:
        return {
            "append + fdatasync": _rate(append, seconds),
            "create + fsync + rename": _rate(create, seconds),
        }
    finally:
        os.close(log)


def _rate(act: Callable[[], None], seconds: float) -> float:
    begun, times = time.perf_counter(), 0
    while (taken := time.perf_counter() - begun) < seconds:
        act()
        times += 1
    return times / taken
