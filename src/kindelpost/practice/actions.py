"""Every change of this room: a result is recorded, an exception accepted or ended, the list of targets brought up to date."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from kindelpost.journal.actions import record
from kindelpost.journal.actor import SYSTEM, Thing
from kindelpost.journal.events import Event
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused
from kindelpost.practice.evidence import moment
from kindelpost.practice.leases import next_run
from kindelpost.practice.models import AcceptedException, CheckState
from kindelpost.practice.redaction import redactor
from kindelpost.practice.registry import get_check
from kindelpost.practice.store import evidence
from kindelpost.practice.verdicts import Verdict

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor
    from kindelpost.practice.redaction import Redactor
    from kindelpost.practice.registry import Check, Result

__all__ = ["Outcome", "accept_exception", "end_exception", "record_result", "retire"]

log = logging.getLogger(__name__)
LONGEST = timedelta(days=90)
REASON_LIMIT = 500
HOLDS = {Verdict.PASS, Verdict.WARN, Verdict.NOT_APPLICABLE}


@dataclass(frozen=True)
class Outcome:
    """A run that ended: what it found and when."""

    result: Result
    started: datetime
    ended: datetime


@transaction.atomic
def record_result(state: CheckState, check: Check, outcome: Outcome, *, lease: str = "") -> bool:
    """Write down what a run found: the state, the journal where it began or ceased to fail, the evidence.

    With `lease` only while that lease is still held; returns whether it was written. The evidence comes last, so that where it
    cannot be written nothing else is.
    """
    held = CheckState.objects.select_for_update().filter(pk=state.pk)
    fresh = (held.filter(lease_owner=lease) if lease else held).first()
    if fresh is None:
        log.warning("the result of %s came too late: another has taken it over, or it is gone", state)
        return False
    clean = redactor()
    body = {**_about(fresh, check, clean), **_said(check, outcome, clean)}
    _journal(fresh, check, body)
    _remember(fresh, check, outcome, body)
    fresh.save(force_update=True)
    CheckState.objects.filter(pk=fresh.pk).update(seq=evidence().append(body)[0])
    return True


def _said(check: Check, outcome: Outcome, clean: Redactor) -> dict[str, Any]:
    """What a record says of a run."""
    result = outcome.result
    return {
        "type": "result",
        "version": check.version,
        "kind": check.kind,
        "expected": clean.text(check.expected),
        "observed": clean.text(result.observed),
        "details": clean.mapping(result.details),
        "inputs": clean.mapping(result.inputs),
        "weaker": clean.text(result.weaker)[:200],
        "verdict": result.verdict.value,
        "started": moment(outcome.started),
        "ended": moment(outcome.ended),
        "ttl_s": check.ttl_s,
    }


def _about(state: CheckState, check: Check | None, clean: Redactor) -> dict[str, Any]:
    """Which check on what, and who may see it."""
    return {
        "check": state.check_id,
        "clauses": list(check.control.clauses) if check else [],
        "target": {"kind": state.target_kind, "id": state.target_id, "label": clean.text(state.target_label)},
        "client": {"id": state.client_id, "slug": state.client} if state.client_id is not None else None,
        "sees": check.control.sees if check else "provider",
    }


def _remember(state: CheckState, check: Check, outcome: Outcome, body: dict[str, Any]) -> None:
    """The state says what the record says, and when the check is due again."""
    verdict = outcome.result.verdict
    if verdict != state.verdict or state.since is None:
        state.since = outcome.ended
    if verdict is Verdict.FAIL:
        state.breach_started = state.breach_started or outcome.ended
    elif verdict in HOLDS:  # while nobody knows the breach goes on
        state.breach_started = None
    state.verdict, state.observed, state.weaker = verdict.value, body["observed"], body["weaker"]
    state.version, state.ttl_s, state.at = check.version, check.ttl_s, outcome.ended
    state.next_due = next_run(check, outcome.ended, tried=verdict is not Verdict.UNKNOWN)
    state.lease_owner, state.lease_until = "", None


def _journal(state: CheckState, check: Check, body: dict[str, Any]) -> None:
    """Where it began to fail, or holds again; `state` is as it was before."""
    subject = Thing("check", state.check_id, f"{state.check_id} on {state.target_label}"[:320])
    said = {"target": state.target_label, "expected": body["expected"], "observed": body["observed"]}
    verdict, since = body["verdict"], state.breach_started
    if verdict == Verdict.FAIL and since is None:
        log.error("%s failed: expected %s, saw %s", state, said["expected"], said["observed"])
        record(Event.CHECK_FAILED, subject, actor=SYSTEM, client_id=state.client_id, mandatory=check.mandatory, **said)
    if verdict in HOLDS and since is not None:
        minutes = int((now() - since).total_seconds() // 60)
        log.warning("%s holds again after %s min", state, minutes)
        record(Event.CHECK_RECOVERED, subject, actor=SYSTEM, client_id=state.client_id, breach_minutes=minutes, **said)


@transaction.atomic
def retire(state: CheckState) -> None:
    """Its target is gone, or no room declares it any more: say so in the evidence, so that its silence is no gap."""
    check = get_check(state.check_id)
    body = {**_about(state, check, redactor()), "type": "retired", "at": moment(now())}
    if state.at is not None:
        evidence().append(body)
    state.delete()


@transaction.atomic
def accept_exception(
    check_id: str, *, owner: str, reason: str, expires_at: datetime, actor: Actor, target: CheckState | None = None
) -> AcceptedException:
    """Show failures of a check (on `target`, or on all) as a warning with owner, reason and end.

    Raises `Refused` (`not-allowed`, `not-found`, `no-reason`, `bad-expiry`).
    """
    _need_provider(actor)
    if get_check(check_id) is None:
        raise Refused("not-found", f"There is no check {check_id}.", "See `kindelpost clauses`.")
    owner, reason = owner.strip(), reason.strip()
    if not owner or not reason or len(reason) > REASON_LIMIT or not (owner + reason).isprintable():
        raise Refused("no-reason", "An exception needs an owner and a reason that can be shown, in one line each.")
    if not now() < expires_at <= now() + LONGEST:
        raise Refused("bad-expiry", "An exception ends in the future, within 90 days.", "Name a day with --until.")
    accepted = AcceptedException.objects.create(
        check_id=check_id,
        target_id=target.target_id if target else "",
        target_label=target.target_label if target else "",
        owner=owner,
        reason=reason,
        expires_at=expires_at,
        accepted_by=actor.label,
        accepted_at=now(),
    )
    said = {"check": check_id, "owner": owner, "reason": reason, "expires_at": expires_at.isoformat()}
    record(
        Event.EXCEPTION_ACCEPTED,
        _exception_thing(accepted),
        actor=actor,
        client_id=target.client_id if target else None,
        **said,
    )
    return accepted


@transaction.atomic
def end_exception(exception: AcceptedException, *, actor: Actor) -> None:
    """End it before its time; ended twice it stays as it was. Raises `Refused` (`not-allowed`)."""
    _need_provider(actor)
    if AcceptedException.objects.filter(pk=exception.pk, ended_at=None).update(ended_at=now()):
        record(Event.EXCEPTION_ENDED, _exception_thing(exception), actor=actor, check=exception.check_id)


def _need_provider(actor: Actor) -> None:
    if not actor.reaches_all:
        raise Refused("not-allowed", "Only the provider can do this.", "Ask your provider.")


def _exception_thing(exception: AcceptedException) -> Thing:
    return Thing("exception", str(exception.pk), f"{exception.check_id} on {exception.target_label or 'every target'}"[:320])
