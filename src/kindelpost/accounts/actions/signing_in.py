"""What people do with their own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.usersessions.models import UserSession
from django.db import transaction

from kindelpost.accounts.actions.access import thing_of
from kindelpost.accounts.passwords import refuse_weak
from kindelpost.accounts.queries import actor_of
from kindelpost.journal.actions import record
from kindelpost.journal.events import Event
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from kindelpost.accounts.models import Person

__all__ = ["drop_sessions", "end_sessions", "note_credentials", "note_sign_in", "set_language", "set_password"]

LANGUAGES = ("et", "en")


@transaction.atomic
def note_sign_in(person: Person, *, means: Collection[str], address: str) -> None:
    """Somebody signed in by these means (`password`, `webauthn`, …) from there; the sealed account's use is an alarm (M4.5)."""
    said: dict[str, Any] = {"means": sorted(means), "address": address}
    if person.break_glass:
        record(Event.BREAK_GLASS_USED, thing_of(person), actor=actor_of(person), **said)
    record(Event.PERSON_SIGNED_IN, thing_of(person), actor=actor_of(person), client_id=person.client_id, **said)


@transaction.atomic
def note_credentials(person: Person, event: Event) -> None:
    """A way to sign in was added or taken away by its owner."""
    record(event, thing_of(person), actor=actor_of(person), client_id=person.client_id)


@transaction.atomic
def set_password(person: Person, password: str) -> None:
    """Choose a password; it opens nothing by itself. Raises `Refused` (`weak-password`)."""
    refuse_weak(password, person.login)
    person.set_password(password)
    person.save(update_fields=["password"])
    record(Event.PERSON_PASSWORD_SET, thing_of(person), actor=actor_of(person), client_id=person.client_id)


@transaction.atomic
def end_sessions(person: Person, *, only: int | None = None, but: str = "") -> int:
    """End one's sessions: the one with the number `only`, or all but that with the key `but`; how many ended."""
    ended = drop_sessions(person, only=only, but=but)
    if ended:
        record(Event.PERSON_SESSIONS_ENDED, thing_of(person), actor=actor_of(person), client_id=person.client_id, ended=ended)
    return ended


def drop_sessions(person: Person, *, only: int | None = None, but: str = "") -> int:
    """As `end_sessions`, within another action."""
    rows = UserSession.objects.filter(user=person).exclude(session_key=but)
    ended = list(rows if only is None else rows.filter(pk=only))
    for session in ended:
        session.end()
    return len(ended)


@transaction.atomic
def set_language(person: Person, language: str) -> None:
    """Remember the language of the pages; no entry, it is nobody else's business. Raises `Refused` (`bad-language`)."""
    if language not in LANGUAGES:
        raise Refused("bad-language", f"There is no {language!r} here.", f"They are {' '.join(LANGUAGES)}.")
    person.language = language
    person.save(update_fields=["language"])
