"""Verdicts, and the rules by which one follows from others. Pure: no database, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from kindelpost.practice.clauses import Weight

__all__ = ["Accepted", "Verdict", "client_weight", "current", "of_clause", "with_exception"]


class Verdict(StrEnum):
    """What a check found. An error is not a failure: it is `unknown`."""

    PASS = "pass"  # noqa: S105 -- a verdict
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS)


@dataclass(frozen=True)
class Accepted:
    """An exception that the provider accepted: whose it is, why, until when."""

    owner: str
    reason: str
    expires_at: datetime


def current(verdict: Verdict, *, at: datetime | None, ttl: timedelta, now: datetime) -> Verdict:
    """What a verdict of the moment `at` says now: stale evidence, like none, is unknown."""
    return verdict if at is not None and now - at <= ttl else Verdict.UNKNOWN


def with_exception(verdict: Verdict, accepted: Accepted | None, *, now: datetime) -> Verdict:
    """An accepted exception makes a failure a warning until it expires; it makes nothing else better or worse."""
    if verdict is Verdict.FAIL and accepted is not None and now < accepted.expires_at:
        return Verdict.WARN
    return verdict


def of_clause(mandatory: Iterable[Verdict]) -> Verdict:
    """A clause is as good as its worst mandatory check; nothing that applies says unknown."""
    found = set(mandatory)
    return next((verdict for verdict in WORST_FIRST if verdict in found), Verdict.UNKNOWN)


def client_weight(weight: Weight, *, affected: int, breach: timedelta) -> tuple[str, int, timedelta]:
    """How much an open failure weighs for clients, to be sorted in reverse: data class, mailboxes affected, time in breach."""
    return (weight, affected, breach)
