"""Does the scanner find what it must (P3.1), and how old is what it knows (P3.6)?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kindelpost.engines.base import Probe
from kindelpost.engines.clamav import client
from kindelpost.engines.clamav.render import socket
from kindelpost.lib.clock import now

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["EICAR", "limits", "official_age", "probe"]

# Written in two halves so that no scanner takes this file for the test virus.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
WARN, STALE = timedelta(hours=24), timedelta(hours=72)


def official_age(version: str, at: datetime) -> timedelta | None:
    """How old the official signatures are by clamd's VERSION ("ClamAV 1.4.6/27500/Mon Nov 23 09:00:00 2026"); None: none."""
    _, _, when = version.partition("/")[2].partition("/")
    try:
        built = datetime.strptime(when.strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at - built


def limits(age: timedelta | None) -> str:
    """What the operator must know about signatures of this age; empty when they are fresh."""
    if age is None:
        return "No official signatures: only the EICAR test virus is detected until freshclam has brought them."
    if age > WARN:
        grade = "too old" if age > STALE else "late"
        return f"The official signatures are {grade}: {age.total_seconds() / 3600:.0f} h old."
    return ""


def probe(facts: Facts) -> Probe:
    """EICAR must be found and an empty text must not."""
    path = socket(facts)
    try:
        version = client.ask(path, "VERSION")
        found, clean = client.scan(path, EICAR + b"\r\n"), client.scan(path, b"Tere!\r\n")
    except OSError as trouble:
        return Probe(ok=False, said=f"clamd does not answer at {path}: {trouble}. Mail is deferred meanwhile.")
    if not found.endswith("FOUND") or clean != "OK":
        return Probe(ok=False, said=f"clamd answers wrongly: EICAR {found!r}, clean text {clean!r}.")
    return Probe(ok=True, said=f"{version}; finds EICAR.", limits=limits(official_age(version, now())))
