"""Who acts: the provider, a client's person, a mailbox user, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["SYSTEM", "Actor", "Thing"]


@dataclass(frozen=True)
class Actor:
    """The acting party. A `client` actor reaches what is the client `client_id`'s; a `mailbox` actor has no client's reach."""

    kind: Literal["provider", "client", "mailbox", "system"]
    id: str
    label: str
    client_id: int | None = None

    @property
    def reaches_all(self) -> bool:
        """The provider and the system itself; whoever else there may be is confined."""
        return self.kind in {"provider", "system"}


@dataclass(frozen=True)
class Thing:
    """The subject of an entry, plain, so that the record outlives the thing."""

    kind: str
    id: str
    label: str


SYSTEM = Actor("system", "system", "Kindelpost")
