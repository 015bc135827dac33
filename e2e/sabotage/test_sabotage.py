"""Every check is seen to turn red when what it watches is broken, and green when that is mended.

The service is broken for real: a file of the running configuration, a map, a key's mode, a listener. A check without a case here
fails the last test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.sabotage import inventory, phishing
from e2e.sabotage.tools import results
from kindelpost.practice.registry import checks

if TYPE_CHECKING:
    from e2e.sabotage.tools import Break
    from e2e.service import Service

CASES: tuple[Break, ...] = (*inventory.BREAKS, *phishing.BREAKS)
GOOD = ("pass", "warn", "not-applicable")


@pytest.fixture(scope="module", autouse=True)
def green(service: Service) -> None:
    """Before anything is broken, everything holds."""
    rows = service.json("check", check=False)
    wrong = [f"{row['id']} on {row['target']['label']}: {row['observed']}" for row in rows if row["verdict"] not in GOOD]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.check}: {case.what}" for case in CASES])
def test_a_check_notices(service: Service, case: Break) -> None:
    with case.breaks(service):
        broken = results(service, case.check)
        assert any(said.startswith("fail") for said in broken.values()), broken
    mended = results(service, case.check)
    assert all(said.startswith(GOOD) for said in mended.values()), mended


def test_every_check_has_a_sabotage() -> None:
    assert {check.id for check in checks()} == {case.check for case in CASES}
