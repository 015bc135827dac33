"""P5.2, P5.10, P5.8: signed twice, sealed for forwards, and not without bound."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING

import dkim
import pytest

from e2e.filter.mails import letter
from e2e.filter.milter import Envelope
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.filter.milter import Verdict
    from e2e.filter.stage import Keys, Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
OUT = Envelope(door="submission", login="sales@a.example", sender="sales@a.example", recipients=("x@remote.example",))
RAW = letter("From: Sales <sales@a.example>")


def _signed(verdict: Verdict, raw: bytes, name: str = "DKIM-Signature") -> bytes:
    lines = [f"{name}: {value}".replace("\n", "\r\n") for value in verdict.added(name)]
    return "\r\n".join([*lines, ""]).encode() + raw


def _verifies(raw: bytes, index: int, keys: Keys, domain: str = "a.example") -> bool:
    records = {f"{s}._domainkey.{domain}.".encode(): text.encode() for s, text in keys.records.items()}
    try:
        return bool(dkim.DKIM(raw).verify(idx=index, dnsfunc=lambda name, **_: records.get(name)))
    except dkim.ValidationError:
        return False


def test_both_signatures_verify_with_an_independent_library(stage: Stage, keys: dict[str, Keys]) -> None:
    verdict = stage.send(RAW, OUT)
    values = verdict.added("DKIM-Signature")
    assert sorted("ed25519" in value for value in values) == [False, True]
    raw = _signed(verdict, RAW)
    assert _verifies(raw, 0, keys["a.example"])
    assert _verifies(raw, 1, keys["a.example"])
    assert not any(" l=" in value for value in values)
    changed = raw.replace(b"homme kell", b"eile kell")
    assert not _verifies(changed, 0, keys["a.example"])
    assert not _verifies(changed, 1, keys["a.example"])


@pytest.mark.parametrize(
    "added",
    [
        "From: x@evil.example",
        "To: x@evil.example",
        "Cc: x@evil.example",
        "Subject: Muu",
        "Reply-To: x@evil.example",
        "Date: Tue, 24 Nov 2026 06:00:00 +0000",
        "Message-ID: <9@x>",
        "Sender: x@evil.example",
        "Content-Type: text/html",
    ],
)
def test_a_header_that_is_added_later_breaks_both_signatures(stage: Stage, keys: dict[str, Keys], added: str) -> None:
    raw = _signed(stage.send(RAW, OUT), RAW)
    replayed = raw + b""
    head, _, body = replayed.partition(b"\r\n\r\n")
    for changed in (head + b"\r\n" + added.encode() + b"\r\n\r\n" + body, added.encode() + b"\r\n" + replayed):
        assert not _verifies(changed, 0, keys["a.example"])
        assert not _verifies(changed, 1, keys["a.example"])


def test_a_hosted_domain_without_keys_does_not_send(stage: Stage) -> None:
    """Every hosted domain has keys (P5.2): one that lost them waits for them, rather than leave unsigned."""
    sender = "carl@t2.shared.example"
    envelope = Envelope(door="submission", login=sender, sender=sender, recipients=("x@remote.example",))
    verdict = stage.send(letter(f"From: {sender}"), envelope)
    assert verdict.deferred
    assert not verdict.added("DKIM-Signature")


def test_mail_from_outside_is_not_signed(stage: Stage) -> None:
    assert not stage.send(letter("From: carl@b.example"), Envelope(sender="carl@b.example")).added("DKIM-Signature")


def test_what_is_forwarded_is_sealed_and_nothing_else_is(stage: Stage, keys: dict[str, Keys]) -> None:
    verdict = stage.send(letter(), Envelope(recipients=("fwd@a.example",)))
    [results], [seal] = verdict.added("ARC-Authentication-Results"), verdict.added("ARC-Seal")
    assert "mx.service.example" in results
    assert "d=a.example" in seal
    head = "".join(
        f"{n}: {verdict.added(n)[0]}\r\n" for n in ("ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results")
    )
    records = {b"rsa1._domainkey.a.example.": keys["a.example"].records["rsa1"].encode()}
    chain, _, why = dkim.ARC(head.replace("\r\n", "\n").replace("\n", "\r\n").encode() + letter()).verify(
        dnsfunc=lambda name, **_: records.get(name)
    )
    assert chain == b"pass", why
    assert not stage.send(letter(), Envelope()).added("ARC-Seal")


def test_one_mailbox_may_not_send_without_bound(stage: Stage) -> None:
    most = stage.facts.service.limits.messages_per_hour
    envelope = Envelope(door="submission", login="eager@b.example", sender="eager@b.example", recipients=("x@remote.example",))
    raw = letter("From: eager@b.example")
    replies = [stage.send(raw, envelope) for _ in range(most + 3)]
    assert all(verdict.inbox for verdict in replies[:most]), replies
    assert replies[-1].deferred, replies[-1]
    to_postmaster = Envelope(**{**envelope.__dict__, "recipients": ("x@remote.example", "postmaster@remote.example")})
    assert stage.send(raw, to_postmaster).deferred
    calm = Envelope(door="submission", login="calm@b.example", sender="calm@b.example", recipients=("x@remote.example",))
    assert stage.send(letter("From: calm@b.example"), calm).inbox


class _Controller(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def test_learning_by_the_controller_works_with_the_narrow_rights(stage: Stage) -> None:
    door = stage.facts.layout.run("rspamd") / "controller.sock"
    learned = letter(body="odav raha kiiresti laenu pakkumine tasuta voita nuud kohe " * 8)
    controller = _Controller(door)
    controller.request("POST", "/learnspam", learned, {"Password": stage.facts.secrets["rspamd-controller"]})
    assert b"success" in controller.getresponse().read()
    for account in (ACCOUNTS["redis"], "postfix", "nobody"):
        drop = ("setpriv", f"--reuid={account}", "--regid=nogroup", "--clear-groups")
        assert run([*drop, "test", "-w", door], check=False).code == 1


def test_nothing_was_refused_to_rspamd_by_the_state_server(stage: Stage) -> None:
    assert "NOPERM" not in stage.log("rspamd")
