"""Sharing the checks among workers: each is claimed by one conditional update, and given back by another."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from kindelpost.lib.clock import now
from kindelpost.practice.models import CheckState
from kindelpost.practice.registry import checks

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from kindelpost.practice.registry import Check

__all__ = ["EARLY", "claim", "due", "next_run", "release"]

SLACK = timedelta(seconds=30)  # beyond the cut-off: time to write the result down
EARLY = (0.5, 0.8)  # a check runs again when this part of its ttl is over, so that its result never goes stale meanwhile
RETRY = timedelta(seconds=60)  # what could not be tried is tried again soon


def _free(at: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lte=at)


def due(at: datetime) -> QuerySet[CheckState]:
    """What should run now and nobody runs, the longest due first."""
    known = [check.id for check in checks()]
    return CheckState.objects.filter(_free(at), check_id__in=known, next_due__lte=at).order_by("next_due", "id")


def claim(state: CheckState, owner: str, timeout_s: int, *, forced: bool = False) -> bool:
    """Take the right to run it, for as long as it may take; False where another has it or (not `forced`) it was just run."""
    at = now()
    rows = CheckState.objects.filter(_free(at), pk=state.pk)
    rows = rows if forced else rows.filter(next_due__lte=at)
    return rows.update(lease_owner=owner, lease_until=at + timedelta(seconds=timeout_s) + SLACK) == 1


def release(state: CheckState, owner: str) -> None:
    """Give it back without a result: it is due as before."""
    CheckState.objects.filter(pk=state.pk, lease_owner=owner).update(lease_owner="", lease_until=None)


def next_run(check: Check, at: datetime, *, tried: bool) -> datetime:
    """When it is due again after a run that ended at `at`: before its result goes stale, never all checks at once."""
    part = random.uniform(*EARLY)  # noqa: S311 -- jitter, no secret
    wait = timedelta(seconds=check.ttl_s * part)
    return at + (wait if tried else min(wait, RETRY))
