"""The only way to a person or a token. A stranger gets `not-found`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from kindelpost.accounts.models import Person, Space, Token
from kindelpost.journal.actor import Actor
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["actor_of", "has_second_factor", "people_of", "person_for", "token_for", "tokens_of"]

PROOFS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)  # recovery codes alone are no second factor


def actor_of(person: Person) -> Actor:
    """The person as an actor. A mailbox's user has no client's reach."""
    if person.space == Space.PROVIDER:
        return Actor("provider", str(person), person.name)
    if person.space == Space.CLIENT:
        return Actor("client", str(person), person.name, person.client_id)
    return Actor("mailbox", str(person), person.name)


def has_second_factor(person: Person) -> bool:
    """A passkey or an authenticator app; of the sealed account the codes in its envelope."""
    proofs = (*PROOFS, Authenticator.Type.RECOVERY_CODES) if person.break_glass else PROOFS
    return bool(Authenticator.objects.filter(user=person, type__in=proofs).exists())


def people_of(actor: Actor) -> QuerySet[Person]:
    """Everybody whom `actor` may see: the provider all, a client its administrators and its mailboxes' users.

    Each with `second_factor`, as `has_second_factor` says it.
    """
    held = Authenticator.objects.filter(user=OuterRef("pk"))
    codes = Q(break_glass=True) & Q(Exists(held.filter(type=Authenticator.Type.RECOVERY_CODES)))
    proved = Q(Exists(held.filter(type__in=PROOFS))) | codes
    rows = Person.objects.annotate(second_factor=ExpressionWrapper(proved, BooleanField())).order_by("space", "login")
    if actor.reaches_all:
        return rows
    return rows.filter(client_id=actor.client_id or 0).filter(Q(space=Space.CLIENT) | Q(space=Space.MAILBOX))


def person_for(actor: Actor, space: str, login: str) -> Person:
    """The person with this login in this space. Raises `Refused` (`not-found`)."""
    found = people_of(actor).filter(space=space, login=login.strip().lower()).first()
    if found is None:
        raise Refused("not-found", f"There is no {space} person {login}.", "See `kindelpost person list`.")
    return found


def tokens_of(actor: Actor) -> QuerySet[Token]:
    """The tokens that hold: the provider all, a client its own."""
    rows = Token.objects.filter(revoked_at=None).order_by("name")
    return rows if actor.reaches_all else rows.filter(client_id=actor.client_id or 0)


def token_for(actor: Actor, name: str) -> Token:
    """The token with this name. Raises `Refused` (`not-found`)."""
    found = tokens_of(actor).filter(name=name).first()
    if found is None:
        raise Refused("not-found", f"There is no token {name}.", "See `kindelpost token list`.")
    return found
