"""A declaration is complete or refused where it stands."""

from __future__ import annotations

import pytest

from kindelpost.practice.registry import PROVIDER, Result, Target, check, checks, get_check, passed

pytestmark = pytest.mark.usefixtures("no_checks")


def _declare(identity: str, *, mandatory: bool | None = None) -> None:
    @check(identity, version=1, kind="does", ttl_s=60, expected="refused", mandatory=mandatory)
    def tried(target: Target) -> Result:
        """It is refused.

        More words.
        """
        return passed(target.label)


def test_a_check_is_found_by_its_id_and_knows_its_control() -> None:
    _declare("P3.1.zip", mandatory=False)
    found = get_check("P3.1.zip")
    assert found is not None
    assert (found.control.id, found.name, found.mandatory) == ("P3.1", "It is refused.", False)
    assert list(found.targets()) == [PROVIDER]
    assert found.run(PROVIDER) == passed("provider")


@pytest.mark.parametrize("identity", ["P3.99", "P3", "X1.1", "P3.1.", "P3.1.Zip", "p3.1", ""])
def test_a_check_without_a_control_is_refused(identity: str) -> None:
    with pytest.raises(ValueError, match="names no control"):
        _declare(identity)


def test_an_id_is_given_once() -> None:
    _declare("P3.1")
    with pytest.raises(ValueError, match="twice"):
        _declare("P3.1")


def test_checks_stand_in_the_order_of_the_practice() -> None:
    for identity in ("P2.10", "E1.1", "P2.9", "P2.9.here", "M1.1"):
        _declare(identity)
    assert [found.id for found in checks()] == ["M1.1", "P2.9", "P2.9.here", "P2.10", "E1.1"]


def test_what_a_control_says_of_being_mandatory_holds_unless_the_check_says_otherwise() -> None:
    _declare("P3.2")
    assert [found.mandatory for found in checks()] == [True]
