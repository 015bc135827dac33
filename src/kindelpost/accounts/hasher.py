"""How the portal's passwords are kept: Argon2id with the parameters of mailboxes' passwords."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher

from kindelpost.accounts.passwords import HASHER

__all__ = ["Hasher"]


class Hasher(Argon2PasswordHasher):
    """OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane."""

    time_cost = HASHER.time_cost
    memory_cost = HASHER.memory_cost
    parallelism = HASHER.parallelism
