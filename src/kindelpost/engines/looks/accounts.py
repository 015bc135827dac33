"""Being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]


def look(instance: Instance) -> dict[str, str]:
    """Being written."""
    return {"root": str(instance.layout.root)}
