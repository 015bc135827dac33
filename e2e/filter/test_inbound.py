"""P6.7, DMARC and spam: what the outside may say at the mail exchanger, and what is made of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.filter.mails import GTUBE, letter, signed
from e2e.filter.milter import Envelope

if TYPE_CHECKING:
    from e2e.filter.stage import Keys, Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

FORGED = {
    "own domain": ("From: Alice <alice@a.example>", "x@remote.example"),
    "own domain, null sender": ("From: Alice <alice@a.example>", ""),
    "subdomain": ("From: x@nope.a.example", "x@remote.example"),
    "envelope only": ("From: x@remote.example", "alice@a.example"),
    "second From": ("From: x@remote.example\r\nFrom: alice@a.example", "x@remote.example"),
    "two addresses": ("From: x@remote.example, alice@a.example", "x@remote.example"),
    "group": ("From: Board: alice@a.example;", "x@remote.example"),
    "upper case": ("From: Alice <ALICE@A.EXAMPLE>", "x@remote.example"),
    "encoded and malformed": ("From: =?utf-8?q?alice=40a=2Eexample?=", "x@remote.example"),
    "sibling under a shared parent": ("From: x@t2.shared.example", "x@t1.shared.example"),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_hosted_domain_without_proof_is_refused(stage: Stage, case: str) -> None:
    header, sender = FORGED[case]
    verdict = stage.send(letter(header), Envelope(sender=sender))
    assert verdict.refused, verdict
    assert "5.7.1" in verdict.reply


def test_a_hosted_domain_with_aligned_spf_is_accepted(stage: Stage) -> None:
    assert stage.send(letter("From: Carl <carl@b.example>"), Envelope(sender="carl@b.example")).reply == "accept"


def test_a_hosted_domain_with_its_own_signature_is_accepted(stage: Stage, keys: dict[str, Keys]) -> None:
    raw = signed(letter("From: Alice <alice@a.example>"), keys["a.example"], "a.example")
    assert stage.send(raw, Envelope(sender="list@remote.example")).reply == "accept"
    broken = raw.replace(b"homme kell", b"eile kell")
    assert stage.send(broken, Envelope(sender="list@remote.example")).refused


def test_a_sibling_tenants_signature_proves_nothing(stage: Stage, keys: dict[str, Keys]) -> None:
    raw = signed(letter("From: x@t2.shared.example"), keys["t1.shared.example"], "t1.shared.example")
    assert stage.send(raw, Envelope(sender="x@remote.example")).refused
    own = signed(letter("From: x@t1.shared.example"), keys["t1.shared.example"], "t1.shared.example")
    assert stage.send(own, Envelope(sender="x@remote.example")).reply == "accept"


def test_other_doors_are_not_held_to_proof_from_dns(stage: Stage) -> None:
    envelope = Envelope(door="forward-out", ip="127.0.0.1", sender="SRS0=x=y=a.example=alice@a.example")
    assert stage.send(letter("From: Alice <alice@a.example>"), envelope).reply == "accept"


def test_p_reject_with_a_second_signal_is_refused(stage: Stage) -> None:
    verdict = stage.send(letter("From: x@strict.example"), Envelope(sender="x@strict.example"))
    assert verdict.refused
    assert "DMARC" in verdict.reply


def test_p_reject_without_a_second_signal_goes_to_junk(stage: Stage) -> None:
    assert stage.send(letter("From: x@strict.example"), Envelope(sender="x@remote.example")).junk


def test_p_reject_through_a_mailing_list_goes_to_junk(stage: Stage) -> None:
    lines = (
        "List-Id: <l.list.example>",
        "List-Post: <mailto:l@list.example>",
        "List-Unsubscribe: <mailto:u@list.example>",
        "Precedence: list",
    )
    raw = letter(
        "From: x@strict.example\r\n" + "\r\n".join((*lines, "X-Mailman-Version: 2.1.39", "X-BeenThere: l@list.example"))
    )
    assert stage.send(raw, Envelope(sender="l-bounces@nospf.example")).junk


def test_p_quarantine_goes_to_junk(stage: Stage) -> None:
    assert stage.send(letter("From: x@careful.example"), Envelope(sender="x@careful.example")).junk


def test_a_dmarc_pass_is_accepted(stage: Stage, keys: dict[str, Keys]) -> None:
    assert stage.send(letter("From: x@spfgood.example"), Envelope(sender="x@spfgood.example")).inbox
    raw = signed(letter("From: x@strict.example"), keys["strict.example"], "strict.example")
    assert stage.send(raw, Envelope(sender="l@nospf.example")).reply == "accept"


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope(sender="someone@remote.example"),
        Envelope(door="submission", login="alice@a.example", sender="alice@a.example", recipients=("x@remote.example",)),
    ],
)
def test_gtube_is_refused_in_and_out(stage: Stage, envelope: Envelope) -> None:
    header = f"From: <{envelope.sender}>"
    assert stage.send(letter(header, GTUBE), envelope).refused
    assert not stage.send(letter(header, GTUBE[:-1]), envelope).refused


def test_forged_marks_and_results_are_taken_off_and_ours_are_put_on(stage: Stage) -> None:
    forged = ("X-Spam: No", "X-Spam-Status: No, score=-9", "x-virus-scanned: clean", "X-Rspamd-Score: -9")
    results = ("Authentication-Results: mx.service.example; spf=pass", "Authentication-Results: elsewhere.example; spf=pass")
    third = "Authentication-Results: (c) MX.Service.Example (x); dkim=pass"
    raw = letter("\r\n".join((*forged, *results, third, "From: x@remote.example")))
    verdict = stage.send(raw, Envelope(sender="x@remote.example"))
    for line in forged:
        assert verdict.removed(line.partition(":")[0]), (line, verdict)
    assert sorted(verdict.removed("Authentication-Results")) == [1, 2, 3], verdict
    [ours] = verdict.added("Authentication-Results")
    assert ours.startswith("mx.service.example;")
    assert "spf=pass (mx.service.example:" in ours


def test_one_result_in_our_name_is_taken_off_and_that_of_others_stays(stage: Stage) -> None:
    results = [f"Authentication-Results: {name}; spf=pass" for name in ("elsewhere.example", "mx.service.example")]
    raw = letter("\r\n".join([*results, "From: x@remote.example"]))
    assert stage.send(raw, Envelope(sender="x@remote.example")).removed("Authentication-Results") == [2]


def test_honest_headers_stay(stage: Stage) -> None:
    raw = letter("X-Mailer: mutt\r\nAuthentication-Results: elsewhere.example; spf=pass\r\nFrom: x@remote.example")
    verdict = stage.send(raw, Envelope(sender="x@remote.example"))
    assert not verdict.removed("X-Mailer")
    assert not verdict.removed("Authentication-Results")
