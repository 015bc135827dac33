"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FULL", "QUICK", "Plan"]


@dataclass(frozen=True)
class Plan:
    """`messages` a run, by size; `warm_seconds` before the first one, in which Rspamd compiles its expressions."""

    runs: int
    messages: Mapping[str, int]
    disk_seconds: float
    warm_seconds: float


FULL = Plan(5, {"5 KB": 600, "25 KB": 400, "1 MB": 60}, 3, 20)
QUICK = Plan(1, {"5 KB": 40, "25 KB": 20, "1 MB": 4}, 0.3, 0)
