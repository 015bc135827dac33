"""Passwords from breaches, by a file on this machine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindelpost.accounts.breached import is_breached
from kindelpost.accounts.passwords import hash_password
from kindelpost.config.service import Accounts, Service
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings


def written(path: Path, passwords: list[str]) -> Path:
    sums = sorted(hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in passwords)
    path.write_text("".join(f"{one}:{at + 1}\n" for at, one in enumerate(sums)), encoding="ascii")
    return path


@given(listed=st.lists(st.text(min_size=1), min_size=1, unique=True), other=st.text(min_size=1))
def test_what_is_listed_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, listed: list[str], other: str
) -> None:
    path = written(tmp_path_factory.mktemp("breached") / "listed", listed)
    assert all(is_breached(one, path) for one in listed)
    assert is_breached(other, path) == (other in listed)


def test_a_breached_password_is_refused(tmp_path: Path, settings: Settings) -> None:
    password = "kadakas-ja-kivi-mere-aares"
    assert hash_password(password, "mari@firma.ee")
    path = written(tmp_path / "listed", [password, "x", "y"])
    settings.SERVICE = Service(accounts=Accounts(breached_passwords=path))
    with pytest.raises(Refused) as refused:
        hash_password(password, "mari@firma.ee")
    assert refused.value.code == "weak-password"
