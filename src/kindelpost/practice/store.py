"""The instance's own evidence."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from kindelpost.practice.evidence import Store

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["evidence"]


@cache
def _store(control: Path) -> Store:
    return Store(control / "evidence", control / "evidence.key")


def evidence() -> Store:
    """The store in data/control, whose owner alone writes it."""
    return _store(settings.INSTANCE / "data" / "control")
