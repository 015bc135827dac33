"""A result is a state, an entry where something changed, and a record: all of them or none."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from kindelpost.journal.models import Entry
from kindelpost.lib.clock import now
from kindelpost.lib.errors import EngineFault, Refused
from kindelpost.practice import redaction
from kindelpost.practice.actions import accept_exception, end_exception, record_result
from kindelpost.practice.models import CheckState
from kindelpost.practice.queries import checks_for, clauses_table, exceptions_of, state_for
from kindelpost.practice.registry import Result, failed, not_applicable, passed, unknown, warned
from kindelpost.practice.running import run_check
from kindelpost.practice.store import evidence
from kindelpost.practice.timers import keep_head, sync

if TYPE_CHECKING:
    from time_machine import Traveller

    from kindelpost.practice.tests.conftest import Desk

ALFA, BETA = "alfa.test", "beta.test"


def tell(desk: Desk, identity: str, result: Result, label: str = "provider") -> CheckState:
    """The check finds `result` now."""
    desk.say(result)
    state, check = desk.state(identity, label), desk.check(identity)
    assert record_result(state, check, run_check(check, desk.domains()[0] if label == ALFA else next(iter(check.targets()))))
    return desk.state(identity, label)


def events(name: str = "check.") -> list[str]:
    return list(Entry.objects.filter(name__startswith=name).order_by("id").values_list("name", flat=True))


def records() -> list[dict[str, Any]]:
    with evidence().snapshot() as (_head, lines, _key):
        return [json.loads(line) for line in lines]


def test_a_result_is_kept_and_evidence_of_it_written(desk: Desk, clock: Traveller) -> None:
    state = tell(desk, "P3.1", passed("550 5.7.1 virus", details={"reply": 550}, inputs={"mail": "ab12"}, weaker="loopback"))
    assert (state.verdict, state.observed, state.at, state.since, state.weaker) == (
        "pass",
        "550 5.7.1 virus",
        now(),
        now(),
        "loopback",
    )
    assert now() + timedelta(seconds=1800) <= state.next_due <= now() + timedelta(seconds=2880)
    record = records()[-1]
    assert record["seq"] == state.seq == 2
    assert (record["check"], record["clauses"], record["verdict"], record["weaker"]) == ("P3.1", ["P3"], "pass", "loopback")
    assert (record["details"], record["inputs"], record["client"]) == ({"reply": 550}, {"mail": "ab12"}, None)


def test_only_the_first_failure_and_the_recovery_are_news(desk: Desk, clock: Traveller) -> None:
    for result in (passed("a"), failed("b"), failed("c"), unknown("d"), failed("e"), warned("f"), passed("g")):
        tell(desk, "P3.1", result)
        clock.shift(600)
    assert events() == ["check.failed", "check.recovered"]
    entry = Entry.objects.get(name="check.recovered")
    assert entry.data["breach_minutes"] == 40
    assert Entry.objects.get(name="check.failed").data["mandatory"] is True
    assert [record["verdict"] for record in records()[1:]] == ["pass", "fail", "fail", "unknown", "fail", "warn", "pass"]


def test_what_is_no_longer_applicable_ends_a_breach(desk: Desk) -> None:
    assert tell(desk, "P3.1", failed("a")).breach_started is not None
    assert tell(desk, "P3.1", not_applicable("b")).breach_started is None


def test_time_in_breach_counts_from_the_first_failure_while_nobody_knows_too(desk: Desk, clock: Traveller) -> None:
    tell(desk, "P3.1", failed("a"))
    clock.shift(120)
    tell(desk, "P3.1", unknown("b"))
    clock.shift(180)
    tell(desk, "P3.1", failed("c"))
    row = checks_for(desk.world.dora, ["P3.1"])[0].row()
    assert (row["breach_minutes"], row["verdict"]) == (5, "fail")


def test_what_could_not_be_tried_is_tried_again_soon(desk: Desk, clock: Traveller) -> None:
    assert tell(desk, "P3.1", unknown("no answer")).next_due <= now() + timedelta(seconds=60)


def test_an_exception_in_a_check_is_unknown_with_its_reason(desk: Desk) -> None:
    def broken(_target: object) -> Result:
        raise OSError("connection refused")

    desk.found = broken
    check = desk.check("P3.1")
    outcome = run_check(check, next(iter(check.targets())))
    assert outcome.result.verdict == "unknown"
    assert "OSError: connection refused" in outcome.result.observed


def test_a_check_that_returns_no_result_is_unknown(desk: Desk) -> None:
    desk.found = lambda _target: True  # type: ignore[return-value, assignment]  # a mistake
    check = desk.check("P3.1")
    assert run_check(check, next(iter(check.targets()))).result.verdict == "unknown"


def test_where_evidence_cannot_be_written_nothing_else_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_bodies: object) -> list[int]:
        raise EngineFault("evidence-full", "no room")

    with monkeypatch.context() as patched:
        patched.setattr(evidence(), "append", full)
        with pytest.raises(EngineFault):
            tell(desk, "P3.1", failed("a"))
    assert desk.state("P3.1").verdict == "unknown"
    assert events() == []


def test_a_result_whose_lease_another_has_taken_is_dropped(desk: Desk) -> None:
    state, check = desk.state("P3.1"), desk.check("P3.1")
    CheckState.objects.filter(pk=state.pk).update(lease_owner="other")
    outcome = run_check(check, next(iter(check.targets())))
    assert not record_result(state, check, outcome, lease="me")
    assert desk.state("P3.1").at is None
    assert record_result(state, check, outcome, lease="other")


def test_a_secret_reaches_neither_table_nor_journal_nor_evidence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "kuldne-rehepapp"
    monkeypatch.setattr(redaction, "_sources", [lambda: [secret]])
    mail = f"Subject: x\n\nbody with {secret}"
    state = tell(desk, "P3.1", failed(f"saw {secret}", details={secret: mail}, inputs={"x": secret}, weaker=secret))
    kept = json.dumps(records()) + state.observed + state.weaker + str(Entry.objects.latest("id").data)
    assert secret not in kept
    assert "body with" not in kept


def test_stale_is_unknown_however_green_it_was(desk: Desk, clock: Traveller) -> None:
    tell(desk, "P3.1", passed("a"))
    tell(desk, "P6.1", passed("a"), ALFA)

    def said() -> dict[str, str]:
        return {row["id"]: row["verdict"] for row in clauses_table(desk.world.dora)}

    assert (said()["P3"], said()["P6"]) == ("pass", "unknown")  # beta's was never tried
    clock.shift(3600)
    assert said()["P3"] == "pass"
    clock.shift(1)
    assert set(said().values()) == {"unknown"}
    assert checks_for(desk.world.dora, ["P3.1"])[0].stale


def test_targets_come_and_go_with_the_things_and_their_silence_is_told(desk: Desk) -> None:
    assert CheckState.objects.count() == 3
    tell(desk, "P6.1", passed("a"), ALFA)
    desk.gone = {ALFA, BETA}
    assert sync() == 2
    assert not CheckState.objects.filter(check_id="P6.1").exists()
    assert [record["type"] for record in records()] == ["key", "result", "retired"]  # beta's was never tried
    desk.gone = set()
    assert sync() == 2
    assert sync() == 0


def test_targets_that_cannot_be_told_are_kept_and_go_stale(desk: Desk, clock: Traveller) -> None:
    tell(desk, "P6.1", passed("a"), ALFA)
    desk.broken = True
    assert sync() == 0
    assert desk.state("P6.1", ALFA).verdict == "pass"


def test_a_thing_that_changed_its_name_is_shown_by_the_new_one(desk: Desk) -> None:
    desk.world.domain.name = "gamma.test"
    desk.world.domain.save()
    sync()
    assert desk.state("P6.1", "gamma.test").client == "alfa"


def test_the_day_gets_one_head(desk: Desk, clock: Traveller) -> None:
    keep_head()
    keep_head()
    assert [path.name for path in (evidence().folder / "heads").iterdir()] == ["2026-11-24.json"]


def test_an_accepted_failure_is_a_warning_with_owner_reason_and_end(desk: Desk, clock: Traveller) -> None:
    tell(desk, "P3.1", failed("a"))
    until = now() + timedelta(days=30)
    accepted = accept_exception("P3.1", owner="Dora", reason="new scanner", expires_at=until, actor=desk.world.dora)
    row = checks_for(desk.world.dora, ["P3.1"])[0].row()
    assert row["verdict"] == "warn"
    assert row["exception"] == {"owner": "Dora", "reason": "new scanner", "until": until.isoformat()}
    end_exception(accepted, actor=desk.world.dora)
    end_exception(accepted, actor=desk.world.dora)
    assert checks_for(desk.world.dora, ["P3.1"])[0].verdict == "fail"
    assert events("exception.") == ["exception.accepted", "exception.ended"]


def test_an_exception_that_expired_is_a_failure_again(desk: Desk, clock: Traveller) -> None:
    accept_exception("P3.1", owner="Dora", reason="x", expires_at=now() + timedelta(days=1), actor=desk.world.dora)
    tell(desk, "P3.1", failed("a"))
    clock.shift(timedelta(days=1))
    tell(desk, "P3.1", failed("a"))
    assert checks_for(desk.world.dora, ["P3.1"])[0].verdict == "fail"


def test_an_exception_for_one_target_leaves_the_others_red(desk: Desk) -> None:
    for label in (ALFA, BETA):
        tell(desk, "P6.1", failed("a"), label)
    target = state_for(desk.world.dora, "P6.1", ALFA)
    accept_exception(
        "P6.1", owner="Dora", reason="x", expires_at=now() + timedelta(days=1), actor=desk.world.dora, target=target
    )
    assert {one.state.target_label: one.verdict.value for one in checks_for(desk.world.dora, ["P6.1"])} == {
        ALFA: "warn", BETA: "fail",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("check", "owner", "reason", "days", "code"),
    [
        ("P3.2", "Dora", "x", 1, "not-found"),
        ("P3.1", " ", "x", 1, "no-reason"),
        ("P3.1", "Dora", "", 1, "no-reason"),
        ("P3.1", "Dora", "two\nlines", 1, "no-reason"),
        ("P3.1", "Dora", "x", 0, "bad-expiry"),
        ("P3.1", "Dora", "x", 91, "bad-expiry"),
    ],
)
def test_an_exception_without_check_owner_reason_or_end_is_refused(
    desk: Desk, check: str, owner: str, reason: str, days: int, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        accept_exception(check, owner=owner, reason=reason, expires_at=now() + timedelta(days=days), actor=desk.world.dora)
    assert refused.value.code == code
    assert not exceptions_of(desk.world.dora)


def test_only_the_provider_accepts_and_ends_exceptions(desk: Desk) -> None:
    later = now() + timedelta(days=1)
    accepted = accept_exception("P3.1", owner="Dora", reason="x", expires_at=later, actor=desk.world.dora)
    for actor in (desk.world.alice, desk.world.carl):
        with pytest.raises(Refused):
            accept_exception("P3.1", owner="A", reason="x", expires_at=later, actor=actor)
        with pytest.raises(Refused):
            end_exception(accepted, actor=actor)
        with pytest.raises(Refused):
            exceptions_of(actor)
