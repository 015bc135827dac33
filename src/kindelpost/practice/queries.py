"""What the checks found, for whoever may see it: a client its own and the provider-wide, the provider everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused
from kindelpost.practice.clauses import attested, awaited, clauses, controls
from kindelpost.practice.models import AcceptedException, CheckState
from kindelpost.practice.registry import get_check
from kindelpost.practice.verdicts import Accepted, Verdict, client_weight, current, of_clause, with_exception

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from kindelpost.journal.actor import Actor
    from kindelpost.practice.registry import Check

__all__ = ["Judged", "checks_for", "clauses_table", "exception_for", "exceptions_of", "state_for", "states_for"]

SETTLED = {Verdict.PASS, Verdict.NOT_APPLICABLE}
RANK = {Verdict.FAIL: 0, Verdict.UNKNOWN: 1, Verdict.WARN: 2, Verdict.PASS: 3, Verdict.NOT_APPLICABLE: 4}


@dataclass(frozen=True)
class Judged:
    """A check on a target with what it says now: stale is unknown, an accepted failure a warning."""

    state: CheckState
    check: Check
    verdict: Verdict
    stale: bool
    accepted: Accepted | None
    breach: timedelta

    def row(self) -> dict[str, Any]:
        """For a machine."""
        state, check = self.state, self.check
        return {
            "id": check.id,
            "name": check.name,
            "clause": check.control.clauses[0],
            "clauses": list(check.control.clauses),
            "kind": check.kind,
            "mandatory": check.mandatory,
            "target": {"kind": state.target_kind, "id": state.target_id, "label": state.target_label},
            "client": state.client or None,
            "verdict": self.verdict.value,
            "expected": check.expected,
            "observed": state.observed,
            "weaker": state.weaker,
            "at": state.at and state.at.isoformat(),
            "ttl_s": state.ttl_s,
            "stale": self.stale,
            "since": state.since and state.since.isoformat(),
            "breach_minutes": int(self.breach.total_seconds() // 60),
            "record": state.seq,
            "exception": self.accepted
            and {"owner": self.accepted.owner, "reason": self.accepted.reason, "until": self.accepted.expires_at.isoformat()},
        }


def states_for(actor: Actor, ids: Collection[str] = (), clause: str = "") -> list[CheckState]:
    """The states of declared checks that `actor` may see; `ids` of checks, controls or clauses, and a clause, narrow them.

    Raises `Refused` (`not-found`) for an id or clause that there is not.
    """
    if clause and clause not in clauses():
        raise Refused("not-found", f"There is no clause {clause}.", f"They are {' '.join(clauses())}.")
    rows = CheckState.objects.order_by("check_id", "target_kind", "target_label")
    if not actor.reaches_all:
        rows = rows.filter(Q(client_id=None) | Q(client_id=actor.client_id or 0))
    found = [row for row in rows if _wanted(row, actor, ids, clause)]
    for identity in ids:
        if not any(identity in _names(row) for row in found):
            raise Refused("not-found", f"There is no check {identity} here.", "See `kindelpost clauses`.")
    return found


def _names(row: CheckState) -> set[str]:
    check = get_check(row.check_id)
    return {row.check_id, check.control.id, *check.control.clauses} if check else {row.check_id}


def _wanted(row: CheckState, actor: Actor, ids: Collection[str], clause: str) -> bool:
    check = get_check(row.check_id)
    if check is None or (not actor.reaches_all and check.control.sees == "provider"):
        return False
    return (not ids or bool(_names(row) & set(ids))) and (not clause or clause in check.control.clauses)


def state_for(actor: Actor, check_id: str, target: str) -> CheckState:
    """The state of a check on the target with this id or label. Raises `Refused` (`not-found`)."""
    for row in states_for(actor, [check_id]):
        if row.check_id == check_id and target in {row.target_id, row.target_label}:
            return row
    raise Refused("not-found", f"{check_id} is not run on {target}.", f"See `kindelpost check {check_id}`.")


def judge(states: Collection[CheckState]) -> list[Judged]:
    """What they say now, in the client's-view order: failures by weight, then what is unknown, then the rest."""
    at = now()
    live = list(_live(at))
    judged = [_judge(state, live, at) for state in states]
    return sorted(judged, key=_order)


def _order(one: Judged) -> tuple[Any, ...]:
    data_class, affected, breach = client_weight(one.check.control.weight, affected=one.state.affected, breach=one.breach)
    return (RANK[one.verdict], -int(data_class[1:]), -affected, -breach)


def _judge(state: CheckState, live: Collection[AcceptedException], at: datetime) -> Judged:
    check = get_check(state.check_id)
    if check is None:
        raise LookupError(state.check_id)
    kept = Verdict(state.verdict)
    verdict = current(kept, at=state.at, ttl=timedelta(seconds=state.ttl_s), now=at)
    mine = next((one for one in live if one.check_id == check.id and one.target_id in {"", state.target_id}), None)
    accepted = Accepted(mine.owner, mine.reason, mine.expires_at) if mine else None
    breach = at - state.breach_started if state.breach_started else timedelta()
    return Judged(state, check, with_exception(verdict, accepted, now=at), verdict is not kept, accepted, breach)


def _live(at: datetime) -> QuerySet[AcceptedException]:
    return AcceptedException.objects.filter(ended_at=None, expires_at__gt=at).order_by("-target_id", "id")


def checks_for(actor: Actor, ids: Collection[str] = (), clause: str = "") -> list[Judged]:
    """What the checks that `actor` may see say now, worst first. Raises as `states_for`."""
    return judge(states_for(actor, ids, clause))


def clauses_table(actor: Actor) -> list[dict[str, Any]]:
    """Every sentence with its verdict, its checks, what is attested by people, and the controls that no check watches yet.

    What no check watches yet is unknown, and so is its clause: it is as good as the worst that is mandatory.
    """
    judged, unwatched = checks_for(actor), awaited()
    table = []
    for clause in clauses().values():
        mine = [one for one in judged if clause.id in one.check.control.clauses]
        stated = [
            {"id": item.id, "et": item.et, "en": item.en, "days": item.days, "verdict": Verdict.UNKNOWN.value}
            for item in attested()
            if item.clause == clause.id
        ]
        lacking = [key for key in unwatched if key.partition(".")[0] == clause.id]
        verdicts = [one.verdict for one in mine if one.check.mandatory]
        verdicts += [Verdict.UNKNOWN for key in lacking if controls()[key].mandatory]
        table.append({
            "id": clause.id,
            "et": clause.et,
            "en": clause.en,
            "verdict": of_clause(verdicts).value,
            "checks": list(dict.fromkeys(one.check.id for one in mine)),
            "results": [one.row() for one in mine],
            "tried": len(mine),
            "held": sum(one.verdict in SETTLED for one in mine),
            "attested": stated,
            "awaited": lacking,
            "lacking": len(lacking),
        })
    return table


def exceptions_of(actor: Actor) -> QuerySet[AcceptedException]:
    """Every exception that was ever accepted, newest first; the provider's alone. Raises `Refused` (`not-allowed`)."""
    if not actor.reaches_all:
        raise Refused("not-allowed", "Only the provider can do this.", "Ask your provider.")
    return AcceptedException.objects.order_by("-accepted_at", "-id")


def exception_for(actor: Actor, number: int) -> AcceptedException:
    """The exception with this number. Raises `Refused` (`not-found`, `not-allowed`)."""
    found = exceptions_of(actor).filter(pk=number).first()
    if found is None:
        raise Refused("not-found", f"There is no exception {number}.", "See `kindelpost exceptions list`.")
    return found
