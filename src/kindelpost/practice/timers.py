"""What the clock does to the practice: targets come and go, the day gets its head."""

from __future__ import annotations

import logging
import random
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction

from kindelpost.lib.clock import now
from kindelpost.practice.actions import retire
from kindelpost.practice.models import CheckState
from kindelpost.practice.registry import checks
from kindelpost.practice.running import Pool
from kindelpost.practice.store import evidence

if TYPE_CHECKING:
    from kindelpost.practice.registry import Check, Target

__all__ = ["Round", "keep_head", "sync"]

log = logging.getLogger(__name__)
SYNC_SECONDS = 15.0
SPREAD_SECONDS = 20.0  # what is new is tried within this


def sync() -> int:
    """A row for every check and target that there is now, none for what is gone; returns how many came or went.

    A check whose targets cannot be told keeps its rows as they are: they go stale and say unknown.
    """
    changed = sum(_sync(check) for check in checks())
    gone = CheckState.objects.exclude(check_id__in=[check.id for check in checks()])
    return changed + sum(_retire(state) for state in gone)


def _sync(check: Check) -> int:
    try:
        wanted = {(target.kind, target.id): target for target in check.targets()}
    except DatabaseError:
        raise
    except Exception:
        log.exception("the targets of %s cannot be told", check.id)
        return 0
    rows = {(row.target_kind, row.target_id): row for row in CheckState.objects.filter(check_id=check.id)}
    for key, row in rows.items():
        if key in wanted:
            _refresh(row, wanted[key])
    came = [_row(check, target) for key, target in wanted.items() if key not in rows]
    CheckState.objects.bulk_create(came, ignore_conflicts=True)  # another worker may have been faster
    return len(came) + sum(_retire(row) for key, row in rows.items() if key not in wanted)


def _retire(row: CheckState) -> int:
    """By one of the workers."""
    with transaction.atomic():
        found = CheckState.objects.select_for_update().filter(pk=row.pk).first()
        if found is None:
            return 0
        retire(found)
        return 1


def _row(check: Check, target: Target) -> CheckState:
    soon = now() + timedelta(seconds=random.uniform(0, SPREAD_SECONDS))  # noqa: S311 -- jitter, no secret
    return CheckState(
        check_id=check.id, version=check.version, ttl_s=check.ttl_s, target_kind=target.kind, target_id=target.id,
        next_due=soon, **_plain(target),
    )  # fmt: skip


def _plain(target: Target) -> dict[str, object]:
    return {
        "target_label": target.label,
        "client_id": target.client_id,
        "client": target.client or "",
        "affected": target.affected,
    }


def _refresh(row: CheckState, target: Target) -> None:
    plain = _plain(target)
    if any(getattr(row, name) != value for name, value in plain.items()):
        CheckState.objects.filter(pk=row.pk).update(**plain)


def keep_head() -> None:
    """The day's signed head of the evidence, once a day."""
    path = evidence().write_head()
    if path is not None:
        log.info("the head of the evidence is kept in %s", path)


class Round:
    """The worker's part: what is due is tried, targets and the head are kept up to date. `step` never waits for a check."""

    def __init__(self) -> None:
        """Start with a look at what there is to check."""
        self.pool = Pool()
        self._synced = -SYNC_SECONDS

    def step(self) -> None:
        """Do what is due now."""
        if monotonic() - self._synced >= SYNC_SECONDS:
            sync()
            keep_head()
            self._synced = monotonic()
        self.pool.step()

    def stop(self) -> None:
        """Cut off what runs; it is due as before."""
        self.pool.stop()
