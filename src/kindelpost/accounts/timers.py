"""What the clock does to accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.sessions.models import Session

from kindelpost.accounts.limits import WINDOW
from kindelpost.accounts.models import Attempt, Enrolment
from kindelpost.lib.clock import now

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["tick"]

EACH = timedelta(hours=1)
_last: list[datetime] = []  # this worker's last round; after a restart there is one more


def tick() -> None:
    """Once an hour: forget sessions, links and tries that are over."""
    at = now()
    if _last and at - _last[-1] < EACH:
        return
    _last[:] = [at]
    Session.objects.filter(expire_date__lt=at).delete()
    Enrolment.objects.filter(expires_at__lt=at).delete()
    Attempt.objects.filter(at__lt=at - WINDOW).delete()
