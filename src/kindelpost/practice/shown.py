"""What pages show besides the table: one record of the evidence, and the practice as anybody may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kindelpost.journal.actor import SYSTEM
from kindelpost.lib.errors import Refused
from kindelpost.practice.queries import clauses_table
from kindelpost.practice.store import evidence

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor

__all__ = ["public_table", "record_for"]

PUBLIC = ("id", "et", "en", "verdict")


def public_table() -> list[dict[str, Any]]:
    """Every sentence with its verdict, and nothing of what was seen."""
    return [{key: row[key] for key in PUBLIC} for row in clauses_table(SYSTEM)]


def record_for(actor: Actor, seq: int) -> dict[str, Any]:
    """A record of the evidence, the provider's to see. Raises `Refused` (`not-found`)."""
    found = evidence().find(seq) if actor.reaches_all else None
    if found is None:
        raise Refused("not-found", f"There is no record {seq}.", "See the checks of a clause.")
    return found
