"""A one-time link lets a person set up how to sign in; recovery is such a link from a second person (M4.6)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.db import transaction

from kindelpost.accounts.actions.access import need_over, thing_of
from kindelpost.accounts.actions.signing_in import drop_sessions
from kindelpost.accounts.models import Enrolment
from kindelpost.accounts.queries import actor_of, has_second_factor
from kindelpost.journal.actions import record
from kindelpost.journal.events import Event
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from kindelpost.accounts.models import Person
    from kindelpost.journal.actor import Actor

__all__ = ["VALID", "enrol_person", "enrolment_of", "finish_enrolment", "recover_person", "redeem_enrolment"]

VALID = timedelta(hours=48)


@transaction.atomic
def enrol_person(person: Person, *, actor: Actor) -> str:
    """The token of a new link; earlier links end. Raises `Refused` (`enrolled`): who has a way in needs `recover_person`."""
    need_over(actor, person.space, person.client_id)
    if has_second_factor(person) or person.has_usable_password():
        raise Refused("enrolled", f"{person} can sign in already.", "If they cannot any more: kindelpost person recover.")
    return _issue(person, Event.PERSON_LINK_ISSUED, actor)


@transaction.atomic
def recover_person(person: Person, *, actor: Actor) -> str:
    """Take every way in and every session from somebody, and give the token of a new link.

    Raises `Refused` (`needs-second-person`): nobody recovers themselves.
    """
    need_over(actor, person.space, person.client_id)
    if actor.id == str(person):
        raise Refused("needs-second-person", "Recovery needs a second person.", "Ask another administrator.")
    if person.break_glass:
        raise Refused("sealed", f"{person} is sealed and has no link.", "Remove it and seal a new one.")
    Authenticator.objects.filter(user=person).delete()
    drop_sessions(person)
    person.set_unusable_password()
    person.enrolled_at = None
    person.save(update_fields=["password", "enrolled_at"])
    return _issue(person, Event.PERSON_RECOVERED, actor)


def _issue(person: Person, event: Event, actor: Actor) -> str:
    token, expires_at = secrets.token_urlsafe(32), now() + VALID
    person.enrolments.filter(used_at=None).delete()
    Enrolment.objects.create(person=person, token_hash=_hash(token), expires_at=expires_at, issued_by=actor.label)
    record(event, thing_of(person), actor=actor, client_id=person.client_id, expires_at=expires_at.isoformat())
    return token


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()  # 256 random bits need no slow hash


def enrolment_of(token: str) -> Enrolment:
    """The link that may still be used. Raises `Refused` (`link-over`) for any other, alike."""
    rows = Enrolment.objects.select_related("person").filter(used_at=None, expires_at__gt=now(), person__is_active=True)
    found = rows.filter(token_hash=_hash(token)).first()
    if found is None:
        raise Refused("link-over", "This link is used up or too old.", "Ask an administrator for a new one.")
    return found


@transaction.atomic
def redeem_enrolment(token: str) -> Person:
    """Use the link, once. Raises `Refused` (`link-over`)."""
    link = enrolment_of(token)
    if not Enrolment.objects.filter(pk=link.pk, used_at=None).update(used_at=now()):
        raise Refused("link-over", "This link is used up or too old.", "Ask an administrator for a new one.")
    person = link.person
    record(Event.PERSON_LINK_USED, thing_of(person), actor=actor_of(person), client_id=person.client_id)
    return person


@transaction.atomic
def finish_enrolment(person: Person) -> None:
    """They have a way in now. Raises `Refused` (`needs-second-factor`)."""
    if person.must_prove_twice and not has_second_factor(person):
        raise Refused("needs-second-factor", "A passkey or an authenticator app is needed first.")
    person.enrolled_at = now()
    person.save(update_fields=["enrolled_at"])
    record(Event.PERSON_ENROLLED, thing_of(person), actor=actor_of(person), client_id=person.client_id)
