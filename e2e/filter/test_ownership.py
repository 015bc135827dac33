"""P6 inside: nobody who has logged in sends in another's name, in no header and by no trick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.filter.mails import letter
from e2e.filter.milter import Envelope

if TYPE_CHECKING:
    from e2e.filter.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
OWN = "From: Alice <alice@a.example>"

ALLOWED = {
    "own address": OWN,
    "bare address": "From: alice@a.example",
    "another case": "From: Alice <Alice@A.Example>",
    "owned alias": "From: Sales <sales@a.example>",
    "shared alias": "From: shared@a.example",
    "comment": "From: alice@a.example (Alice at work)",
    "quoted comma": 'From: "Tamm, Alice" <alice@a.example>',
    "encoded name": "From: =?utf-8?q?=C3=84lice?= <alice@a.example>",
    "folded": "From: Alice\r\n <alice@a.example>",
    "own address as name": 'From: "alice@a.example" <alice@a.example>',
    "own address with a tag": "From: alice+news@a.example",
    "owned alias with a tag": "From: sales+2026@a.example",
    "an at in the name": 'From: "Alice @ A" <alice@a.example>',
    "owned sender": f"{OWN}\r\nSender: sales@a.example",
    "own resent": f"{OWN}\r\nResent-From: alice@a.example\r\nResent-Sender: sales@a.example",
}
REFUSED = {
    "colleague": "From: Bob <bob@a.example>",
    "other client": "From: Carl <carl@b.example>",
    "foreign domain": "From: x@remote.example",
    "alias not owned": "From: info@a.example",
    "subdomain": "From: alice@sub.a.example",
    "missing From": "",
    "empty From": "From: ",
    "null From": "From: <>",
    "name only": "From: Alice",
    "two Froms": f"{OWN}\r\nFrom: bob@a.example",
    "two Froms, own last": f"From: bob@a.example\r\n{OWN}",
    "two own Froms": f"{OWN}\r\n{OWN}",
    "two addresses": "From: alice@a.example, bob@a.example",
    "two addresses in brackets": "From: Alice <alice@a.example>, <bob@a.example>",
    "two brackets": "From: <alice@a.example> <bob@a.example>",
    "group": "From: Board: alice@a.example, bob@a.example;",
    "group of one": "From: Board: alice@a.example;",
    "empty group": "From: undisclosed:;",
    "quoted display": 'From: "bob@a.example" <alice@a.example>',
    "quoted display with brackets": 'From: "Bob <bob@a.example>" <alice@a.example>',
    "unquoted display": "From: bob@a.example <alice@a.example>",
    "encoded-word display": "From: =?utf-8?b?Ym9iQGEuZXhhbXBsZQ==?= <alice@a.example>",
    "encoded-word in q": "From: =?utf-8?q?bob=40b=2Eexample?= <alice@a.example>",
    "full-width at": "From: =?utf-8?b?Ym9i77ygYS5leGFtcGxl?= <alice@a.example>",
    "comment": "From: alice@a.example (bob@a.example)",
    "a tag of another's": "From: bob+alice@a.example",
    "an apostrophe before": "From: 'alice@a.example",
    "trailing dot": "From: alice@a.example.",
    "spaces around the at": 'From: "bob @ a.example" <alice@a.example>',
    "encoded word in an encoded word": "From: =?utf-8?q?=3D=3Futf-8=3Fq=3Fbob=3D40a.example=3F=3D?= <alice@a.example>",
    "encoded word in utf-7": "From: =?utf-7?q?bob+AEA-a.example?= <alice@a.example>",
    "encoded word of no charset": "From: =?x-none?q?bob=40a=2Eexample?= <alice@a.example>",
    "zero-width space": 'From: "bob@a\u200b.example" <alice@a.example>',
    "ideographic full stop": 'From: "bob@a\u3002example" <alice@a.example>',
    "NUL": "From: alice@a.example\x00, bob@a.example",
    "DEL": "From: alice@a.example\x7f",
    "comment in the domain": "From: alice@(bob@a.example)a.example",
    "percent hack": "From: bob%a.example@a.example",
    "domain literal": "From: alice@[203.0.113.20]",
    "comment first": "From: (alice@a.example) bob@a.example",
    "nested comment": "From: Alice (was (bob@a.example)) <alice@a.example>",
    "open quote": 'From: "Alice <alice@a.example>',
    "open comment": "From: Alice (oops <alice@a.example>",
    "source route": "From: <@b.example:alice@a.example>",
    "quoted local part": 'From: "alice"@a.example',
    "two ats": "From: alice@a.example@b.example",
    "trailing address": "From: <alice@a.example> bob@a.example",
    "lower-case second From": f"{OWN}\r\nfrom: bob@a.example",
    "Sender": f"{OWN}\r\nSender: bob@a.example",
    "two Senders": f"{OWN}\r\nSender: alice@a.example\r\nSender: alice@a.example",
    "Resent-From": f"{OWN}\r\nResent-From: bob@a.example",
    "Resent-Sender": f"{OWN}\r\nResent-Sender: carl@b.example",
    "second Resent-From": f"{OWN}\r\nResent-From: alice@a.example\r\nResent-From: bob@a.example",
}


def _alice(**more: str) -> Envelope:
    values = {"door": "submission", "login": "alice@a.example", "sender": "alice@a.example", **more}
    return Envelope(**values, recipients=("x@remote.example",))


@pytest.mark.parametrize("case", ALLOWED)
def test_what_a_login_owns_is_accepted_and_signed(stage: Stage, case: str) -> None:
    verdict = stage.send(letter(ALLOWED[case]), _alice())
    assert verdict.inbox, verdict
    assert len(verdict.added("DKIM-Signature")) == 2


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_login_does_not_own_is_refused_and_not_signed(stage: Stage, case: str) -> None:
    verdict = stage.send(letter(REFUSED[case]), _alice())
    assert verdict.refused, verdict
    assert not verdict.added("DKIM-Signature")


@pytest.mark.parametrize(
    ("sender", "header", "accepted"),
    [
        ("", OWN, True),
        ("", "From: bob@a.example", False),
        ("bob@a.example", OWN, False),
        ("sales@a.example", OWN, True),
        ("ALICE@a.example", OWN, True),
    ],
)
def test_the_envelope_sender_is_held_to_the_same(stage: Stage, sender: str, header: str, accepted: bool) -> None:  # noqa: FBT001 -- the expected
    assert stage.send(letter(header), _alice(sender=sender)).inbox is accepted


def test_the_login_counts_in_any_case_and_an_unknown_door_is_held_to_it(stage: Stage) -> None:
    assert stage.send(letter(OWN), _alice(login="Alice@A.example", door="other")).inbox
    assert stage.send(letter("From: bob@a.example"), _alice(door="mx")).refused


def test_a_grant_lives_and_dies_within_a_second(stage: Stage) -> None:
    from e2e.filter.conftest import MAPS  # noqa: PLC0415 -- the published maps of this folder

    lent = letter("From: carl@b.example")
    assert stage.send(lent, _alice()).refused
    granted = stage.until(
        lambda: stage.send(lent, _alice()).inbox, {"owners.map": MAPS["owners.map"] + "carl@b.example alice@a.example\n"}
    )
    ended = stage.until(lambda: stage.send(lent, _alice()).refused, {"owners.map": MAPS["owners.map"]})
    print(f"a grant is live after {granted:.2f} s, ended after {ended:.2f} s")
    assert max(granted, ended) < 2


@pytest.mark.parametrize(
    ("header", "sender", "accepted"),
    [
        ("From: root@mx.service.example", "root@mx.service.example", True),
        ("From: alice@a.example", "root@mx.service.example", False),
        ("From: root@mx.service.example", "alice@a.example", False),
        ("From: root@mx.service.example\r\nSender: alice@a.example", "", False),
    ],
)
def test_local_sendmail_may_not_use_a_hosted_name(stage: Stage, header: str, sender: str, accepted: bool) -> None:  # noqa: FBT001 -- the expected
    assert stage.send(letter(header), Envelope(door="local", ip="127.0.0.1", sender=sender)).inbox is accepted


@pytest.mark.parametrize(
    ("header", "sender", "accepted"),
    [
        (OWN, "alice@a.example", True),
        ("From: sales@a.example", "alice@a.example", True),
        ("From: x@remote.example", "y@remote.example", True),
        ("From: x@remote.example", "", True),
        ("From: x@remote.example", "alice@a.example", False),
        ('From: "bob@a.example" <alice@a.example>', "alice@a.example", False),
        (f"{OWN}\r\nSender: bob@a.example", "alice@a.example", False),
        ("From: bob@a.example", "alice@a.example", False),
        ("From: carl@b.example", "alice@a.example", False),
        ("From: x@remote.example, bob@a.example", "alice@a.example", False),
        ("From: carl@b.example", "", False),
    ],
)
def test_sieve_may_not_use_another_hosted_name(stage: Stage, header: str, sender: str, accepted: bool) -> None:  # noqa: FBT001 -- the expected
    envelope = Envelope(door="sieve-out", ip="127.0.0.1", login="sieve-out", sender=sender, recipients=("x@remote.example",))
    verdict = stage.send(letter(header), envelope)
    assert verdict.inbox is accepted, verdict
    assert len(verdict.added("DKIM-Signature")) == (2 if accepted and "a.example" in header else 0)
