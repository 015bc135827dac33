"""The state of every engine, as `kindelpost status` knows it: supervisor, probes and sockets are root's to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kindelpost.engines.states import describe

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]


def look(instance: Instance) -> dict[str, Any]:
    """The shape of `kindelpost status --json`."""
    return describe(instance)
