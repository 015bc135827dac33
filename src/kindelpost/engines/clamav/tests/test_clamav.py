from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kindelpost.config.service import Limits, Service
from kindelpost.engines.clamav import ENGINE, OWN_SIGNATURES
from kindelpost.engines.clamav.probe import EICAR, limits, official_age
from kindelpost.engines.clamav.render import render
from kindelpost.engines.facts import Facts, Layout

GOLDEN = Path(__file__).parent / "golden"
FACTS = Facts(Layout(Path("/srv/kp")), Service(), {"clamav": (1, 4, 6)})
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["clamd.conf", "freshclam.conf"])
def test_the_rendered_files_are_the_recorded_ones(name: str) -> None:
    assert render(FACTS, cores=2)[name].text == (GOLDEN / name).read_text()


def _bytes(name: str, service: Service) -> int:
    text = render(Facts(FACTS.layout, service, FACTS.versions), cores=1)["clamd.conf"].text
    [line] = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return int(line.split()[1])


@pytest.mark.parametrize("message", [1_000_000, 50_000_000, 200_000_000])
def test_the_largest_message_can_be_scanned_and_no_member_is_cut_before_it_is_reported(message: int) -> None:
    service = Service(limits=Limits(message_bytes=message))
    assert _bytes("StreamMaxLength", service) > message
    assert _bytes("MaxFileSize", service) > _bytes("MaxScanSize", service) > message


def test_our_own_signature_is_the_test_virus_anywhere_in_a_file() -> None:
    name, kind, offset, body = OWN_SIGNATURES.read_text().strip().split(":")
    assert (name, kind, offset) == ("Eicar-Test-Signature", "0", "*")
    assert bytes.fromhex(body) == EICAR


@pytest.mark.parametrize(
    ("version", "hours"),
    [
        ("ClamAV 1.4.6", None),
        ("ClamAV 1.4.6/27500/Tue Nov 24 09:00:00 2026", 3),
        ("ClamAV 1.4.6/27500/nonsense", None),
    ],
)
def test_the_age_of_the_official_signatures_is_read_from_clamd(version: str, hours: int | None) -> None:
    assert official_age(version, NOON) == (None if hours is None else timedelta(hours=hours))


@pytest.mark.parametrize(("age", "said"), [(None, "No official"), (1, ""), (25, "late"), (73, "too old")])
def test_missing_and_old_signatures_are_said_plainly(age: int | None, said: str) -> None:
    told = limits(None if age is None else timedelta(hours=age))
    assert said in told
    assert bool(said) == bool(told)


def test_only_freshclam_writes_signatures_and_only_rspamd_reaches_clamd() -> None:
    places = {place.path: (place.owner, place.group, place.mode) for place in ENGINE.directories(FACTS)}
    assert places[FACTS.layout.data("clamav")] == ("kp-freshclam", "kp-clamav", 0o2750)
    assert places[FACTS.layout.run("clamav")] == ("kp-clamav", "kp-rspamd", 0o2750)
    assert "TCPSocket" not in render(FACTS)["clamd.conf"].text
