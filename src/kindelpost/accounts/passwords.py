"""Passwords: what is too weak, how a mailbox's is kept, how one is made."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.low_level import Type
from django.conf import settings
from django.utils.translation import gettext_noop

from kindelpost.accounts.breached import is_breached
from kindelpost.lib.errors import Refused

__all__ = ["LEAST_LENGTH", "hash_password", "make_password", "refuse_weak"]

LEAST_LENGTH = 12
LONGEST = 200
LEAST_DIFFERENT = 5  # characters: "aaaaaaaaaaaa" is long and no password
LEAST_NAME = 4  # characters: a shorter local part is in many a good password by chance
LEAST_REST = 6  # characters that remain when a common password is taken out
COMMON = Path(__file__).parent / "data" / "common.txt"
# OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)


@cache
def _common() -> frozenset[str]:
    return frozenset(line for line in COMMON.read_text().split() if line)


def _weakness(password: str, login: str) -> str:
    """Why the password is refused; empty when it is not."""
    return _malformed(password) or _guessable(password.casefold(), login) or _known(password)


def _malformed(password: str) -> str:
    if not LEAST_LENGTH <= len(password) <= LONGEST:
        return gettext_noop("A password has 12 to 200 characters.")
    if not password.isprintable():
        return gettext_noop("A password has no control characters.")
    if len(set(password.casefold())) < LEAST_DIFFERENT:
        return gettext_noop("A password has at least 5 different characters.")
    return ""


def _guessable(folded: str, login: str) -> str:
    local, _, domain = login.partition("@")
    if (len(local) >= LEAST_NAME and local in folded) or (domain and domain in folded):
        return gettext_noop("A password does not contain the address.")
    if any(len(folded.replace(common, "")) < LEAST_REST for common in _common() if common in folded):
        return gettext_noop("This password is among the first that are tried.")
    return ""


def _known(password: str) -> str:
    listed = settings.SERVICE.accounts.breached_passwords
    if listed is not None and is_breached(password, listed):
        return gettext_noop("This password is known from a breach.")
    return ""


def refuse_weak(password: str, login: str) -> None:
    """Raises `Refused` (`weak-password`), never quoting the password."""
    if weakness := _weakness(password, login):
        raise Refused("weak-password", weakness, "A few random words make a good one.")


def hash_password(password: str, address: str) -> str:
    """The Dovecot scheme string `{ARGON2ID}$argon2id$…`. Raises `Refused` (`weak-password`), never quoting the password."""
    refuse_weak(password, address)
    return "{ARGON2ID}" + HASHER.hash(password)


def make_password() -> str:
    """A random password of 120 bits, in groups that can be read out."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 characters, without l, o, 0 and 1
    return "-".join("".join(secrets.choice(alphabet) for _ in range(6)) for _ in range(4))
