"""Which sockets of the instance listen, and whether each was declared (M2.2)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kindelpost.engines.sockets import account_for, listening

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]


def look(instance: Instance) -> dict[str, list[dict[str, Any]]]:
    """{"known", "unknown", "exposed", "missing"}: sockets as in `engines.sockets.Socket`, listeners as in `Listener`."""
    declared = [each for engine in instance.engines for each in engine.listeners(instance.facts)]
    found = account_for(listening(instance.layout), declared, instance.facts)
    return {name: [asdict(each) for each in getattr(found, name)] for name in ("known", "unknown", "exposed", "missing")}
