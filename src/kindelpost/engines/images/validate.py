"""The scanner's own reader of its limits, and the decoder's version."""

from __future__ import annotations

import json
from importlib.metadata import version as installed
from typing import TYPE_CHECKING

from kindelpost.engines.images.render import LIMITS

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["validate", "version"]


def version() -> str:
    """The decoder's release, such as 3.1.1."""
    return installed("zxing-cpp")


def validate(_facts: Facts, staged: Path) -> list[str]:
    """Every limit is there, a whole number above zero."""
    held = json.loads((staged / "limits.json").read_text(encoding="utf-8"))
    return [f"{name} is no limit" for name in LIMITS if not isinstance(held.get(name), int) or held[name] <= 0]
