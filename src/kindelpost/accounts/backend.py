"""Passwords are looked up within one space, and only there (M3.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend

from kindelpost.accounts.models import Person

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["SpaceBackend"]


class SpaceBackend(ModelBackend):
    """Who is this login of this space, if the password is right."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        space: str = "",
        **_other: Any,
    ) -> Person | None:
        """The person, or None; an unknown login takes as long as a known one."""
        del request
        if not username or not password:
            return None
        person = Person.objects.filter(space=space, login=username.strip().lower(), is_active=True).first()
        if person is None:
            Person().set_password(password)
            return None
        return person if person.check_password(password) else None
