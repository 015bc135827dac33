"""A client sees its own and the provider-wide, the worst for clients first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kindelpost.journal.actor import Actor
from kindelpost.lib.errors import Refused
from kindelpost.practice import queries
from kindelpost.practice.queries import checks_for, clauses_table, state_for
from kindelpost.practice.registry import PROVIDER, Result, Target, check, failed, passed, warned
from kindelpost.practice.tests.test_results import ALFA, BETA, tell
from kindelpost.practice.timers import sync

if TYPE_CHECKING:
    from time_machine import Traveller

    from kindelpost.practice.tests.conftest import Desk


@pytest.fixture
def more(desk: Desk) -> Desk:
    """Beside those of the desk: one for the provider alone, one that is not mandatory, one that serves other clauses."""
    for identity, mandatory in (("M3.4", True), ("P3.2", False), ("P6.8", True)):

        @check(identity, version=1, kind="does", ttl_s=600, expected="x", mandatory=mandatory)
        def tried(target: Target) -> Result:
            """It is tried."""
            return desk.found(target)

    sync()
    return desk


def _seen(actor: Actor, **narrow: str) -> list[tuple[str, str]]:
    return sorted((one.check.id, one.state.target_label) for one in checks_for(actor, **narrow))


def test_a_client_sees_its_own_and_the_provider_wide_but_not_the_providers_own(more: Desk) -> None:
    world, wide = more.world, [("P3.1", "provider"), ("P3.2", "provider")]
    assert _seen(world.alice) == [*wide, ("P6.1", ALFA), ("P6.8", "provider")]
    assert _seen(world.carl) == [*wide, ("P6.1", BETA), ("P6.8", "provider")]
    assert _seen(Actor("client", "x", "of no client")) == [*wide, ("P6.8", "provider")]
    assert ("M3.4", "provider") in _seen(world.dora)
    assert len(_seen(world.dora)) == 6


def test_what_a_client_may_not_see_is_not_found(more: Desk) -> None:
    for identity in ("M3.4", "P9.9"):
        with pytest.raises(Refused, match="no check"):
            checks_for(more.world.alice, [identity])
    with pytest.raises(Refused):
        state_for(more.world.alice, "P6.1", BETA)
    assert state_for(more.world.alice, "P6.1", ALFA).client == "alfa"
    with pytest.raises(Refused, match="no clause"):
        checks_for(more.world.dora, clause="P9")


def test_checks_are_asked_for_by_their_id_their_control_or_a_clause(more: Desk) -> None:
    assert _seen(more.world.dora, clause="M3") == [("M3.4", "provider"), ("P6.8", "provider")]
    assert [one.check.id for one in checks_for(more.world.dora, ["P3.2"])] == ["P3.2"]


def test_a_clause_counts_the_mandatory_checks_that_serve_it(more: Desk) -> None:
    def said() -> dict[str, str]:
        return {row["id"]: row["verdict"] for row in clauses_table(more.world.dora)}

    assert set(said().values()) == {"unknown"}
    for identity in ("P3.1", "P6.8"):
        tell(more, identity, passed("a"))
    tell(more, "P3.2", failed("not mandatory"))
    assert said() == {key: "pass" if key in {"P3", "P5"} else "unknown" for key in said()}
    tell(more, "P6.8", warned("a"))
    assert (said()["P3"], said()["P5"]) == ("warn", "warn")


def test_what_no_check_watches_yet_keeps_its_clause_from_being_green(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(desk, "P3.1", passed("a"))
    assert {row["id"]: row["verdict"] for row in clauses_table(desk.world.dora)}["P3"] == "pass"
    monkeypatch.setattr(queries, "awaited", lambda: {"P3.10": "filtering"})
    assert {row["id"]: row["verdict"] for row in clauses_table(desk.world.dora)}["P3"] == "unknown"


def test_a_clients_clause_knows_nothing_of_another_clients_failure(more: Desk) -> None:
    for identity, label in (("P6.8", PROVIDER.label), ("P6.1", ALFA)):
        tell(more, identity, passed("a"), label)
    tell(more, "P6.1", failed("theirs"), BETA)

    def said(actor: Actor) -> str:
        return next(str(row["verdict"]) for row in clauses_table(actor) if row["id"] == "P6")

    assert (said(more.world.alice), said(more.world.carl), said(more.world.dora)) == ("pass", "fail", "fail")
    assert "theirs" not in str(clauses_table(more.world.alice))


def test_the_table_tells_words_checks_what_people_state_and_what_is_awaited(desk: Desk) -> None:
    rows = {row["id"]: row for row in clauses_table(desk.world.dora)}
    assert set(rows["P3"]) == {
        "id",
        "et",
        "en",
        "verdict",
        "checks",
        "results",
        "tried",
        "held",
        "attested",
        "awaited",
        "lacking",
    }
    assert rows["P3"]["checks"] == ["P3.1"]
    assert [one["expected"] for one in rows["P3"]["results"]] == ["refused"]
    assert rows["P1"]["awaited"] == ["P1.1", "P1.2"]
    assert {one["verdict"] for row in rows.values() for one in row["attested"]} == {"unknown"}


def test_failures_come_first_by_what_they_mean_to_clients(more: Desk, clock: Traveller) -> None:
    for identity, label in (("P6.1", BETA), ("P3.1", "provider"), ("P3.2", "provider"), ("P6.1", ALFA), ("M3.4", "provider")):
        tell(more, identity, failed("a"), label)
        clock.shift(60)
    tell(more, "P6.8", passed("a"))
    order = [(one.check.id, one.state.target_label) for one in checks_for(more.world.dora)]
    # K3 by mailboxes affected (2, 1, 0), then by time in breach; then K2; then what holds.
    assert order == [("P6.1", ALFA), ("P6.1", BETA), ("P3.1", "provider"), ("M3.4", "provider"), ("P3.2", "provider"),
                     ("P6.8", "provider")]  # fmt: skip
