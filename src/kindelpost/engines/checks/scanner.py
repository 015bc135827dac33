"""P3.6, P3.7: the virus scanner itself; how fresh it is, and what becomes of mail without it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings

from kindelpost.engines.clamav.probe import STALE, WARN, official_age
from kindelpost.engines.helper import ask
from kindelpost.engines.maps import layout
from kindelpost.lib.clock import now
from kindelpost.lib.run import run
from kindelpost.practice.registry import Result, Target, check, failed, not_applicable, passed, unknown, warned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

__all__ = ["actions", "freshness", "milter", "ruling", "scanner_down", "signatures"]

HOUR, WEEK = 3600, 604_800
TWIN = "a second filter with the live configuration, on this machine"
NO_FILTER = re.compile(r"(\S*milter_default_action|(?<!\w)default_action)\s*=\s*(\w+)")


@check("P3.6", version=1, kind="says", ttl_s=HOUR, expected="The official signatures are at most 24 hours old.")
def signatures(_target: Target) -> Result:
    """The scanner's official signatures are fresh."""
    return freshness(official_age(ask(layout(), "signatures")["version"], now()), evaluation=settings.SERVICE.evaluation)


def freshness(age: timedelta | None, *, evaluation: bool) -> Result:
    """The verdict on signatures of this age; None where there are none. An evaluation promises the test virus alone."""
    if age is None and evaluation:
        return not_applicable("There are none: this evaluation finds the EICAR test virus alone, and would stop no other.")
    if age is None:
        return failed("There are none: only the EICAR test virus would be found.")
    said = f"They are {age.total_seconds() / 3600:.1f} h old."
    if age > STALE:
        return failed(said)
    return warned(said) if age > WARN else passed(said)


@check(
    "P3.7", version=1, kind="does", ttl_s=WEEK, expected="4xx without the scanner and with one that errs; with it, accepted."
)
def scanner_down(_target: Target) -> Result:
    """Without the scanner harmless mail waits, with it the same message passes."""
    return ruling(ask(layout(), "scanner"))


def ruling(seen: Mapping[str, str]) -> Result:
    """The verdict on what the look saw. A filter that puts off everything proves nothing of the scanner."""
    gone, broken, there = seen["gone"], seen["broken"], seen["there"]
    said = f"Scanner gone: {gone}. Scanner errs: {broken}. Scanner there: {there}."
    if not _waits(gone) or not _waits(broken):
        return failed(said, weaker=TWIN)
    return passed(said, weaker=TWIN) if there == "accept" else unknown(said, weaker=TWIN)


def _waits(reply: str) -> bool:
    return reply.startswith("4") or reply == "tempfail"


@check("P3.7.filter", version=1, kind="says", ttl_s=HOUR, expected="Every milter_default_action is tempfail.")
def milter(_target: Target) -> Result:
    """Without the filter itself mail waits too."""
    etc = layout().etc("postfix")
    said = run(["postconf", "-c", etc]).out + run(["postconf", "-c", etc, "-P"]).out
    wrong = sorted({f"{name} = {value}" for name, value in actions(said) if value != "tempfail"})
    return failed(f"{', '.join(wrong)}.") if wrong else passed("milter_default_action = tempfail, at every door.")


def actions(said: str) -> list[tuple[str, str]]:
    """What Postfix does without a milter, from postconf's words: the general setting, a service's, a milter's own.

    Raises `LookupError` where nothing is said of it.
    """
    found = NO_FILTER.findall(said)
    if not found:
        raise LookupError("Postfix says nothing of milter_default_action")
    return found
