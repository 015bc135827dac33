"""People come and go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import IntegrityError, transaction

from kindelpost.accounts.actions.access import need_over, thing_of
from kindelpost.accounts.actions.signing_in import drop_sessions
from kindelpost.accounts.models import Person, Space
from kindelpost.accounts.passwords import make_password
from kindelpost.journal.actions import record
from kindelpost.journal.events import Event
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor

__all__ = ["add_person", "remove_person", "seal_break_glass"]

LOGIN = re.compile(r"[a-z0-9][a-z0-9._+@-]{1,253}")
NAME_LIMIT = 200


@transaction.atomic
def add_person(
    space: str,
    login: str,
    name: str,
    *,
    actor: Actor,
    client_id: int | None = None,
    address_id: int | None = None,
    language: str = "",
) -> Person:
    """Somebody who cannot sign in yet: `enrol_person` gives the link. Raises `Refused` (`bad-login`, `bad-name`, `taken`)."""
    need_over(actor, space, client_id)
    return _add(space, login, name, actor, client_id=client_id, address_id=address_id, language=language)


def _add(space: str, login: str, name: str, actor: Actor, **fields: object) -> Person:
    login, name = login.strip().lower(), name.strip()
    if not LOGIN.fullmatch(login):
        raise Refused("bad-login", f"{login!r} cannot be a login.", "Use an e-mail address, or a-z, 0-9, dot and hyphen.")
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise Refused("bad-name", "A person needs a name that can be shown.", f"At most {NAME_LIMIT} characters in one line.")
    person = Person(space=Space(space), login=login, name=name, created_at=now(), **fields)
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as taken:
        raise Refused("taken", f"{person} exists already.", "Choose another login.") from taken
    record(Event.PERSON_ADDED, thing_of(person), actor=actor, client_id=person.client_id, name=name)
    return person


@transaction.atomic
def remove_person(person: Person, *, actor: Actor) -> None:
    """Remove somebody with every way to sign in; the journal stays. Raises `Refused` (`needs-second-person`)."""
    need_over(actor, person.space, person.client_id)
    if actor.id == str(person):
        raise Refused("needs-second-person", "Nobody removes themselves.", "Ask another administrator.")
    subject, client_id = thing_of(person), person.client_id
    drop_sessions(person)
    person.delete()
    record(Event.PERSON_REMOVED, subject, actor=actor, client_id=client_id)


@transaction.atomic
def seal_break_glass(login: str, *, actor: Actor) -> tuple[Person, str, list[str]]:
    """An account of the provider for an envelope: the person, its password and its codes, which nothing shows again (M4.5).

    Signing in takes the password and one of the codes: no account is opened by a password alone (M4.2).
    """
    need_over(actor, Space.PROVIDER, None)
    person = _add(Space.PROVIDER, login, "Break-glass", actor, break_glass=True, enrolled_at=now())
    password = make_password()
    person.set_password(password)
    person.save(update_fields=["password"])
    codes = RecoveryCodes.activate(person).generate_codes()
    record(Event.BREAK_GLASS_SEALED, thing_of(person), actor=actor)
    return person, password, codes
