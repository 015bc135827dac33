"""Passwords of mailboxes: what is too weak, how one is kept, how one is made."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.low_level import Type

from kindelpost.lib.errors import Refused

__all__ = ["LEAST_LENGTH", "hash_password", "make_password"]

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


def _weakness(password: str, address: str) -> str:
    """Why the password is refused; empty when it is not."""
    local, _, domain = address.partition("@")
    folded = password.casefold()
    if not LEAST_LENGTH <= len(password) <= LONGEST:
        return f"A password has {LEAST_LENGTH} to {LONGEST} characters."
    if not password.isprintable():
        return "A password has no control characters."
    if len(set(folded)) < LEAST_DIFFERENT:
        return f"A password has at least {LEAST_DIFFERENT} different characters."
    if (len(local) >= LEAST_NAME and local in folded) or domain in folded:
        return "A password does not contain the address."
    if any(len(folded.replace(common, "")) < LEAST_REST for common in _common() if common in folded):
        return "This password is among the first that are tried."
    return ""


def hash_password(password: str, address: str) -> str:
    """The Dovecot scheme string `{ARGON2ID}$argon2id$…`. Raises `Refused` (`weak-password`), never quoting the password."""
    if weakness := _weakness(password, address):
        raise Refused("weak-password", weakness, "A few random words make a good one.")
    return "{ARGON2ID}" + HASHER.hash(password)


def make_password() -> str:
    """A random password of 120 bits, in groups that can be read out."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 characters, without l, o, 0 and 1
    return "-".join("".join(secrets.choice(alphabet) for _ in range(6)) for _ in range(4))
