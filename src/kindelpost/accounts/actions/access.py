"""What every action on people asks first: is this somebody whom the actor may change?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.accounts.models import Space
from kindelpost.journal.actor import Thing
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from kindelpost.accounts.models import Person
    from kindelpost.journal.actor import Actor

__all__ = ["need_over", "thing_of"]


def need_over(actor: Actor, space: str, client_id: int | None) -> None:
    """The provider is over all; a client's administrator over its own people; nobody else over anybody."""
    if actor.reaches_all:
        return
    if actor.kind != "client" or space == Space.PROVIDER or client_id is None or client_id != actor.client_id:
        raise Refused("not-found", "There is no such person among yours.")


def thing_of(person: Person) -> Thing:
    """A person as the subject of an entry."""
    return Thing("person", str(person.pk), str(person))
