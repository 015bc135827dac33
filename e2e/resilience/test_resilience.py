"""What stops, stops nothing else: the control plane, a scanner, and each process killed."""

from __future__ import annotations

import os
import signal
import smtplib
import time
from typing import TYPE_CHECKING

import pytest

from e2e.service import letter, transact, unique
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.service import Service

ALICE = "alice@outside.example"


@pytest.fixture
def control_plane_stopped(service: Service) -> Iterator[None]:
    """The worker is frozen and the control database is away."""
    pids = pids_of(service, "worker")
    database = service.facts.layout.data("control")
    hidden = database.with_name("control.away")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    database.rename(hidden)
    yield
    hidden.rename(database)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def pids_of(service: Service, name: str) -> list[int]:
    """The processes of one row of the table."""
    from kindelpost.engines.members import members  # noqa: PLC0415 -- only here

    return [pid for pid, process in members(service.facts.layout).items() if process == name]


@pytest.mark.usefixtures("control_plane_stopped")
def test_without_control_plane_and_database_mail_is_received_scanned_delivered_read_and_sent(
    service: Service, mari: str
) -> None:
    """Design, refusal 1."""
    assert service.cli("mailbox", "list", check=False).code != 0, "the control plane is still there"
    subject = unique()
    assert service.deliver(ALICE, mari, letter(ALICE, mari, subject))[0] == 250
    assert service.find(mari, subject) is not None
    outgoing = unique()
    assert service.submit(mari, mari, "bob@outside.example", letter(mari, "bob@outside.example", outgoing))[0] == 250
    assert service.sunk(outgoing) is not None


@pytest.mark.parametrize("scanner", ["clamd", "rspamd"])
def test_a_scanner_that_stands_still_means_later_never_unscanned(service: Service, mari: str, scanner: str) -> None:
    """P3.7."""
    subject = unique()
    frozen = pids_of(service, scanner)
    assert frozen
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        try:
            with service.mx() as client:
                assert client.sock is not None
                client.sock.settimeout(180)
                code, words = transact(client, ALICE, [mari], letter(ALICE, mari, subject, body="Manus.\n" * 20))
        except smtplib.SMTPResponseException as refusal:  # already at the greeting or at STARTTLS
            code, words = refusal.smtp_code, str(refusal.smtp_error)
        assert code // 100 == 4, f"{code} {words}"
        assert service.find(mari, subject, wait=1) is None
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    deadline = time.monotonic() + 30
    while True:
        code, words = service.deliver(ALICE, mari, letter(ALICE, mari, subject))
        if code == 250 or time.monotonic() > deadline:
            break
        time.sleep(1)
    assert code == 250, words
    assert service.find(mari, subject) is not None


def test_a_killed_process_is_back_in_ten_seconds_and_nothing_acknowledged_is_lost(service: Service, mari: str) -> None:
    names = sorted({row.name for row in service.instance.table})
    acknowledged = []
    for name in names:
        acknowledged += [subject for subject in (sent(service, mari) for _ in range(3)) if subject]
        before = service.instance.supervisor.states()[name].pid
        os.kill(before, signal.SIGKILL)
        acknowledged += [subject for subject in (sent(service, mari) for _ in range(3)) if subject]
        begun = time.monotonic()
        while not answers(service, name, before):
            assert time.monotonic() - begun < 10, f"{name} is not back"
            time.sleep(0.2)
    # what was on its way to Dovecot when it died would wait for minimal_backoff_time
    run(["postqueue", "-c", service.facts.layout.etc("postfix"), "-f"])
    deadline = time.monotonic() + 60
    missing = set(acknowledged)
    while missing and time.monotonic() < deadline:
        with service.imap(mari) as client:
            client.select("INBOX", readonly=True)
            missing = {subject for subject in missing if not client.search(None, "SUBJECT", f'"{subject}"')[1][0]}
        time.sleep(1)
    assert len(acknowledged) >= 3 * len(names)
    assert not missing


def sent(service: Service, to: str) -> str:
    """The subject of a message that was acknowledged, or "" where the door was shut for the moment."""
    subject = unique()
    try:
        return subject if service.deliver(ALICE, to, letter(ALICE, to, subject))[0] == 250 else ""
    except OSError:
        return ""


def answers(service: Service, name: str, before: int) -> bool:
    """Is it running anew, and do all engines answer?"""
    now = service.instance.supervisor.states().get(name)
    return bool(now and now.state == "ready" and now.pid not in {0, before}) and all(
        engine.probe(service.facts).ok for engine in service.instance.engines
    )
