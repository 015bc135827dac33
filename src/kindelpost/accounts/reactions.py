"""Who is gone signs in no more: a removed client's people and tokens go, and so does the user of a removed mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.accounts.actions import remove_person, revoke_token
from kindelpost.accounts.models import Person, Space, Token
from kindelpost.journal.actor import SYSTEM
from kindelpost.journal.events import Event
from kindelpost.journal.registry import reacts_to

if TYPE_CHECKING:
    from kindelpost.journal.models import Entry

__all__ = ["remove_people_of_client", "remove_user_of_mailbox"]


@reacts_to(Event.CLIENT_REMOVED)
def remove_people_of_client(entry: Entry) -> None:
    """Its administrators, whoever used its mailboxes, its machines."""
    for person in Person.objects.filter(client_id=entry.subject_id):
        remove_person(person, actor=SYSTEM)
    for token in Token.objects.filter(client_id=entry.subject_id, revoked_at=None):
        revoke_token(token, actor=SYSTEM)


@reacts_to(Event.MAILBOX_REMOVED)
def remove_user_of_mailbox(entry: Entry) -> None:
    """The next owner of the address is somebody else."""
    for person in Person.objects.filter(space=Space.MAILBOX, address_id=entry.subject_id):
        remove_person(person, actor=SYSTEM)
