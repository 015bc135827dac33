"""P3.1, P3.7-P3.9: viruses are refused in every wrapping and both ways; what was not scanned is never passed."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from e2e.filter.mails import CLEAN, EICAR, attached, encoded, letter, zipped
from e2e.filter.milter import Envelope
from kindelpost.engines.clamav import ENGINE as CLAMAV

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.filter.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda content: letter(body=content.decode()),
    "plain attachment": attached,
    "base64 body": encoded,
    "zip": lambda content: attached(zipped(content), "application/zip"),
    "zip in zip": lambda content: attached(zipped(content, 2), "application/zip"),
    "zip in zip in zip": lambda content: attached(zipped(content, 3), "application/zip"),
    "message/rfc822": lambda content: attached(content, "message/rfc822"),
    "zip in message/rfc822": lambda content: attached(zipped(content), "message/rfc822"),
    "called an image": lambda content: attached(content, "image/png"),
    "with a line end": lambda content: attached(content + b"\r\n"),
    "no end boundary": lambda content: attached(content).rpartition(b"\r\n--")[0] + b"\r\n",
}
OUT = Envelope(door="submission", login="alice@a.example", sender="alice@a.example", recipients=("x@remote.example",))


@pytest.mark.parametrize("how", WRAPPED)
def test_a_virus_is_refused_in_any_wrapping(stage: Stage, how: str) -> None:
    verdict = stage.send(WRAPPED[how](EICAR))
    assert verdict.reply.startswith("554 5.7.1 virus found: Eicar"), verdict
    assert stage.send(WRAPPED[how](CLEAN)).reply == "accept"


def test_a_virus_is_refused_on_its_way_out(stage: Stage) -> None:
    assert "virus found" in stage.send(attached(EICAR, sender="alice@a.example"), OUT).reply
    assert stage.send(attached(CLEAN, sender="alice@a.example"), OUT).reply == "accept"


@pytest.mark.parametrize("door", ["local", "sieve-out", "forward-out"])
def test_a_virus_is_refused_at_the_inner_doors(stage: Stage, door: str) -> None:
    envelope = Envelope(door=door, ip="127.0.0.1", login="sieve-out" if door == "sieve-out" else "", sender="x@remote.example")
    assert "virus found" in stage.send(attached(EICAR), envelope).reply
    assert stage.send(attached(CLEAN), envelope).reply == "accept"


def _bomb(files: int) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(files):
            archive.writestr(f"{number}", b"x")
    return sink.getvalue()


BOMBS = {
    "one large file": lambda: zipped(bytes(400_000_000)),
    "one large gzip": lambda: gzip.compress(bytes(400_000_000), 1),
    "many files": lambda: _bomb(10_500),
    "depth": lambda: zipped(b"deep", 25),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_exceeds_a_limit_is_marked_and_never_clean(stage: Stage, kind: str) -> None:
    bomb = BOMBS[kind]()
    verdict = stage.send(attached(bomb, "application/zip"))
    assert verdict.junk, verdict
    assert verdict.added("X-Virus-Scan")[0].startswith("incomplete (Heuristics.Limits.Exceeded"), verdict
    assert stage.send(attached(bomb, "application/zip", sender="alice@a.example"), OUT).refused


def test_a_virus_behind_much_padding_is_found(stage: Stage) -> None:
    assert "virus found" in stage.send(attached(zipped(bytes(60_000_000) + EICAR), "application/zip")).reply


def test_a_dead_scanner_defers_mail_and_a_living_one_takes_it(stage: Stage) -> None:
    stage.stop("clamd")
    try:
        for envelope in (Envelope(), OUT):
            sender = "alice@a.example" if envelope.login else "someone@remote.example"
            verdict = stage.send(attached(CLEAN, sender=sender), envelope)
            assert verdict.deferred, verdict
            assert verdict.reply.startswith("451 4.7.1"), verdict
        assert not CLAMAV.probe(stage.facts).ok
    finally:
        stage.start("clamd")
    assert stage.send(attached(CLEAN)).reply == "accept"


def test_an_error_of_the_scanner_defers_mail(stage: Stage) -> None:
    large = stage.facts.service.limits.message_bytes + 3_000_000
    verdict = stage.send(letter(body="x" * 76 + "\r\n") + b"y" * large)
    assert verdict.deferred, verdict


def test_the_probe_says_that_official_signatures_are_missing(stage: Stage) -> None:
    seen = CLAMAV.probe(stage.facts)
    assert seen.ok
    assert "only the EICAR" in seen.limits


def test_without_the_state_server_mail_is_still_filtered_and_signed(stage: Stage) -> None:
    stage.stop("redis")
    try:
        assert stage.send(attached(CLEAN)).inbox
        assert "virus found" in stage.send(attached(EICAR)).reply
        assert len(stage.send(letter("From: alice@a.example"), OUT).added("DKIM-Signature")) == 2
    finally:
        stage.start("redis")
