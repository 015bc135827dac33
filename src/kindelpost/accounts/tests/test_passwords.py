"""Passwords of mailboxes."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from kindelpost.accounts.passwords import hash_password, make_password
from kindelpost.lib.errors import Refused


def test_a_password_is_kept_as_argon2id_with_the_parameters_of_owasp() -> None:
    kept = hash_password("kadakas-ja-kivi", "mari@firma.ee")
    assert kept.startswith("{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$")
    assert PasswordHasher().verify(kept.removeprefix("{ARGON2ID}"), "kadakas-ja-kivi")


@pytest.mark.parametrize(
    "weak",
    ["", "lyhike", "aaaaaaaaaaaaaaa", "abababababab", "Password12345", "qwertyuiop12", "123456789012", "x-maasikas-2026",
     "for-firma.ee-2026", "bar\tbar-kivi-kadakas", "kadakas-" * 40],
)  # fmt: skip
def test_a_weak_password_is_refused_without_being_quoted(weak: str) -> None:
    with pytest.raises(Refused) as refused:
        hash_password(weak, "maasikas@firma.ee")
    assert refused.value.code == "weak-password"
    assert not weak or weak not in str(refused.value)


def test_a_common_word_inside_a_long_password_does_no_harm() -> None:
    assert hash_password("secret-kadakas-kivi", "mari@firma.ee")


def test_a_made_password_is_long_and_different_each_time_and_acceptable() -> None:
    made = {make_password() for _ in range(20)}
    assert len(made) == 20
    assert all(len(one) == 27 for one in made)
    assert hash_password(made.pop(), "mari@firma.ee")
