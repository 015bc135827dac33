"""Who acts: the provider, a client's person, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["SYSTEM", "Actor", "Thing"]


@dataclass(frozen=True)
class Actor:
    """The acting party. A `client` actor belongs to the client `client_id` and reaches nothing beyond it."""

    kind: Literal["provider", "client", "system"]
    id: str
    label: str
    client_id: int | None = None


@dataclass(frozen=True)
class Thing:
    """The subject of an entry, plain, so that the record outlives the thing."""

    kind: str
    id: str
    label: str


SYSTEM = Actor("system", "system", "Kindelpost")
