"""Which reactions answer which event. Rooms register theirs in `reactions.py`, found when Django starts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kindelpost.journal.events import Event
    from kindelpost.journal.models import Entry

__all__ = ["Reaction", "reactions_to", "reacts_to"]


@dataclass(frozen=True)
class Reaction:
    """An answer to an entry: its stable name is kept in the mark; `answer` is idempotent."""

    name: str
    answer: Callable[[Entry], None]


_registered: dict[str, list[Reaction]] = defaultdict(list)


def reacts_to(*events: Event) -> Callable[[Callable[[Entry], None]], Callable[[Entry], None]]:
    """Register a function as a reaction; its module and name are its mark, so a rename makes it another reaction."""

    def register(answer: Callable[[Entry], None]) -> Callable[[Entry], None]:
        reaction = Reaction(f"{answer.__module__.removeprefix('kindelpost.')}.{answer.__name__}", answer)
        for event in events:
            _registered[event.value].append(reaction)
        return answer

    return register


def reactions_to(name: str) -> tuple[Reaction, ...]:
    """The reactions to the event called `name`, in the order of the rooms in INSTALLED_APPS."""
    return tuple(_registered[name])
