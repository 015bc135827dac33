"""The sentences are the given ones, and everything in the data is about one of them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from kindelpost.practice.clauses import attested, awaited, clauses, controls
from kindelpost.practice.registry import checks

ORDER = ["M1", "M2", "M3", "M4", "U1", "P1", "P2", "P3", "P4", "P5", "P6", "E1", "E2", "E3", "R1"]
GIVEN = Path(__file__).parents[5] / "shared/good-practice.md"
ESTONIAN = "fd4ee9349d478bb4fc9f964c7fc08f618b88c34c9766e8f0de8e6928306a8111"
PACKAGE = Path(__file__).parents[2]
COUNT = {"M1": 6, "M2": 6, "M3": 8, "M4": 8, "U1": 7, "P1": 9, "P2": 10, "P3": 12, "P4": 7, "P5": 10, "P6": 7,
         "E1": 4, "E2": 4, "E3": 4, "R1": 4}  # fmt: skip
REQUIRED = [f"{clause}.{number}" for clause, count in COUNT.items() for number in range(1, count + 1)]
# What may ever be awaited; a control that has got its check is struck out here, and nothing is added.
MAY_BE_AWAITED = {*REQUIRED, "P5.11", "P6.8", "P6.9"} - {"P3.4"}


def test_every_sentence_is_there_in_its_order_and_in_both_languages() -> None:
    assert list(clauses()) == ORDER
    assert all(clause.et and clause.en and clause.group_et and clause.group_en for clause in clauses().values())


def test_the_estonian_words_are_the_given_ones() -> None:
    words = "\n".join(clause.et for clause in clauses().values())
    assert hashlib.sha256(words.encode()).hexdigest() == ESTONIAN


@pytest.mark.skipif(not GIVEN.exists(), reason="the practice as it was given is not beside this checkout")
def test_the_estonian_words_stand_in_the_practice_as_it_was_given() -> None:
    given = GIVEN.read_text(encoding="utf-8").split("```")[1]
    bullets = [re.sub(r"^\s*•\s*|;?\s*$", "", line) for line in given.splitlines() if "•" in line]
    assert [clause.et for clause in clauses().values()][:-1] == bullets
    assert all(clause.et in given for clause in clauses().values())
    assert all(clause.group_et in given for clause in clauses().values() if clause.id != "R1")


def test_every_requirement_is_a_control_and_what_we_added_says_so() -> None:
    assert [key for key, control in controls().items() if not control.ours] == REQUIRED


def test_a_control_speaks_both_languages_and_serves_sentences_that_there_are() -> None:
    for control in controls().values():
        assert control.et.endswith(".")
        assert control.en.endswith(".")
        assert set(control.clauses) <= set(ORDER)
        assert control.sees in {"public", "user", "client", "provider"}
        assert control.kind in {"says", "does"}
        assert control.weight in {"K1", "K2", "K3"}


def test_what_enforces_a_control_is_there() -> None:
    for control in controls().values():
        for name in control.by:
            path = PACKAGE / name.replace(".", "/")
            assert path.is_dir() or path.with_suffix(".py").is_file(), f"{control.id}: {name}"


def test_a_control_has_a_check_or_is_awaited_and_never_both() -> None:
    registered = {check.control.id for check in checks()}
    assert registered | set(awaited()) == set(controls())
    assert not registered & set(awaited()), "strike them out of practice/data/awaited.toml"


def test_the_list_of_the_awaited_only_shrinks() -> None:
    assert set(awaited()) <= MAY_BE_AWAITED


def test_a_control_that_is_to_be_tried_has_a_check_that_tries() -> None:
    for control in controls().values():
        kinds = {check.kind for check in checks() if check.control.id == control.id}
        assert not kinds or control.kind in kinds, f"{control.id} has no check that {control.kind}"


def test_every_sentence_has_something_that_only_a_person_can_state() -> None:
    assert {item.clause for item in attested()} == set(ORDER)
    assert all(30 <= item.days <= 365 and item.et and item.en for item in attested())
