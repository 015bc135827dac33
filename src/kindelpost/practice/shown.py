"""What pages show besides the table: one record of the evidence, and the practice as anybody may see it."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from kindelpost.journal.actor import SYSTEM
from kindelpost.lib.errors import Refused
from kindelpost.practice.chain import parse
from kindelpost.practice.queries import clauses_table
from kindelpost.practice.store import evidence

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kindelpost.journal.actor import Actor

__all__ = ["history_for", "public_table", "record_for"]

READ_BACK = 4 << 20  # octets of evidence: some five thousand records
KEPT = 48  # results of a check on a target

PUBLIC = ("id", "et", "en", "verdict", "tried", "held", "lacking")


def public_table() -> list[dict[str, Any]]:
    """Every sentence with its verdict and how many checks hold, and nothing of what was seen."""
    return [{key: row[key] for key in PUBLIC} for row in clauses_table(SYSTEM)]


def record_for(actor: Actor, seq: int) -> dict[str, Any]:
    """A record of the evidence, the provider's to see. Raises `Refused` (`not-found`)."""
    found = evidence().find(seq) if actor.reaches_all else None
    if found is None:
        raise Refused("not-found", f"There is no record {seq}.", "See the checks of a clause.")
    return found


def history_for(actor: Actor, checks: Collection[str]) -> Mapping[tuple[str, str], Collection[dict[str, Any]]]:
    """(check, target's id) → its last results, oldest first, as far as the newest evidence goes back; the provider's to see."""
    found: dict[tuple[str, str], deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=KEPT))
    marks = [f'{{"check":"{check}",'.encode() for check in checks]
    for line in evidence().last(READ_BACK) if actor.reaches_all and marks else ():
        if line.startswith(tuple(marks)):  # the canonical form begins with it; parsing all would take long
            record = parse(line)
            if record["type"] == "result":
                found[record["check"], record["target"]["id"]].append(record)
    return found
