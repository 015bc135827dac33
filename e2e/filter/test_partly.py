"""T14: a signature with l= that leaves some of the body open proves nothing; one that covers it all does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dkim
import pytest

from e2e.filter.mails import letter
from e2e.filter.milter import Envelope

if TYPE_CHECKING:
    from e2e.filter.stage import Keys, Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
ENVELOPE = Envelope(sender="x@strict.example")
ADDED = b"\r\nPay this bill instead.\r\n"


def signed(raw: bytes, keys: Keys, domain: str) -> bytes:
    """With l=."""
    headers = [b"from", b"to", b"subject"]
    signature: bytes = dkim.sign(raw, b"rsa1", domain.encode(), keys.files["rsa1"], include_headers=headers, length=True)
    return signature + raw


def test_a_body_that_grew_after_signing_is_no_pass_for_dmarc(stage: Stage, keys: dict[str, Keys]) -> None:
    """strict.example asks for p=reject and its SPF fails here, so that the signature alone decides."""
    whole = signed(letter("From: x@strict.example"), keys["strict.example"], "strict.example")
    assert stage.send(whole, ENVELOPE).reply == "accept"
    assert stage.send(whole + ADDED, ENVELOPE).refused


def test_a_body_that_grew_after_signing_is_no_proof_of_a_hosted_domain(stage: Stage, keys: dict[str, Keys]) -> None:
    """P6.7."""
    whole = signed(letter("From: alice@a.example"), keys["a.example"], "a.example")
    assert stage.send(whole, Envelope()).reply == "accept"
    assert stage.send(whole + ADDED, Envelope()).refused


def test_we_never_sign_a_part(stage: Stage) -> None:
    out = Envelope(door="submission", login="alice@a.example", sender="alice@a.example", recipients=("x@remote.example",))
    signatures = stage.send(letter("From: alice@a.example"), out).added("DKIM-Signature")
    assert len(signatures) == 2
    assert not [one for one in signatures if "l=" in one.replace("rel=", "")]
