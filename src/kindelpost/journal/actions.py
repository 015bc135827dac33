"""Writing the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.journal.models import Entry
from kindelpost.lib.clock import now

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor, Thing
    from kindelpost.journal.events import Event

__all__ = ["record"]


def record(event: Event, subject: Thing, *, actor: Actor, client_id: int | None = None, **data: object) -> Entry:
    """Write down that `actor` did `event` to `subject`; `data` is JSON. Call it last in the action's own transaction."""
    return Entry.objects.create(
        at=now(),
        name=event.value,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_label=subject.label,
        client_id=client_id,
        data=data,
    )
