"""The one look that also acts: client domains' certificates and signed profiles are brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.host import names

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]


def look(instance: Instance) -> dict[str, list[str]]:
    """What was issued, signed and removed, and which domains have no certificate."""
    return names.refresh(instance.layout, instance.service)
