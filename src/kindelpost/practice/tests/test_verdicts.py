"""One verdict follows from others by the practice's rules, whatever the others are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindelpost.practice.verdicts import Accepted, Verdict, client_weight, current, of_clause, with_exception

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
verdicts = st.sampled_from(Verdict)
spans = st.timedeltas(timedelta(), timedelta(days=1000))
RANK = {Verdict.FAIL: 0, Verdict.UNKNOWN: 1, Verdict.WARN: 2, Verdict.PASS: 3}


@given(verdicts, spans, spans)
def test_what_is_stale_is_unknown_and_what_is_fresh_is_what_it_was(verdict: Verdict, ttl: timedelta, age: timedelta) -> None:
    expected = verdict if age <= ttl else Verdict.UNKNOWN
    assert current(verdict, at=NOW - age, ttl=ttl, now=NOW) is expected


@given(verdicts, spans)
def test_what_was_never_tried_is_unknown(verdict: Verdict, ttl: timedelta) -> None:
    assert current(verdict, at=None, ttl=ttl, now=NOW) is Verdict.UNKNOWN


@given(st.lists(verdicts))
def test_a_clause_is_as_good_as_its_worst_check(found: list[Verdict]) -> None:
    counted = [verdict for verdict in found if verdict is not Verdict.NOT_APPLICABLE]
    assert of_clause(found) is (min(counted, key=RANK.__getitem__) if counted else Verdict.UNKNOWN)


@given(st.lists(verdicts), verdicts)
def test_one_more_check_never_makes_a_clause_better(found: list[Verdict], more: Verdict) -> None:
    if more is Verdict.NOT_APPLICABLE:
        assert of_clause([*found, more]) is of_clause(found)
    elif set(found) - {Verdict.NOT_APPLICABLE}:
        assert RANK[of_clause([*found, more])] <= RANK[of_clause(found)]


@given(verdicts, st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_an_exception_makes_a_failure_a_warning_until_it_expires_and_nothing_else(verdict: Verdict, left: timedelta) -> None:
    accepted = Accepted("Dora", "moving house", NOW + left)
    shown = with_exception(verdict, accepted, now=NOW)
    if verdict is Verdict.FAIL and left > timedelta():
        assert shown is Verdict.WARN
    else:
        assert shown is verdict
    assert with_exception(verdict, None, now=NOW) is verdict


@pytest.mark.parametrize(
    ("heavier", "lighter"),
    [
        (client_weight("K3", affected=0, breach=timedelta()), client_weight("K2", affected=9999, breach=timedelta(days=9))),
        (client_weight("K2", affected=5, breach=timedelta()), client_weight("K2", affected=4, breach=timedelta(days=9))),
        (client_weight("K1", affected=5, breach=timedelta(2)), client_weight("K1", affected=5, breach=timedelta(1))),
    ],
)
def test_data_weighs_more_than_mailboxes_and_mailboxes_more_than_time(
    heavier: tuple[str, int, timedelta], lighter: tuple[str, int, timedelta]
) -> None:
    assert heavier > lighter
