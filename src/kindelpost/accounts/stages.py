"""What signing in goes through before it counts."""

from __future__ import annotations

from typing import Any

from allauth.account.stages import LoginStage
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kindelpost.accounts.queries import has_second_factor

__all__ = ["EnrolledStage"]


class EnrolledStage(LoginStage):
    """Whoever has rights over others and no second factor is turned away: a password alone opens nothing (M4.2).

    Not even the pages of enrolment: those open by a one-time link, so that a stolen password cannot enrol the thief.
    """

    key = "enrolled"

    def handle(self) -> tuple[Any, bool]:
        """A way back to the door, or on to the next stage."""
        person = self.login.user
        if not person.must_prove_twice or has_second_factor(person):
            return None, True
        text = _("Your account has no second factor yet. Ask an administrator for an enrolment link.")
        messages.error(self.request, text)
        return HttpResponseRedirect(reverse(f"sign-in-{person.space}")), False
