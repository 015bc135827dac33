"""A letter counts as signed for its own domain alone when both signatures verify and there is no other."""

from __future__ import annotations

import base64

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kindelpost.mail.dkim import make_private_key, record_text
from kindelpost.practice.verdicts import Verdict
from kindelpost.sending.checks import judge

LETTER = b"From: mari@alfa.test\r\nTo: juku@beta.test\r\nSubject: Tere\r\n\r\nTere!\r\n"
KEYS = {"r": make_private_key("rsa"), "e": make_private_key("ed25519")}
PUBLISHED = {
    f"{selector}._domainkey.{domain}": record_text(key)
    for selector, key in KEYS.items()
    for domain in ("alfa.test", "beta.test")
}


def signed(raw: bytes, selector: str, domain: str) -> bytes:
    key, algorithm = KEYS[selector].encode(), b"rsa-sha256"
    if selector == "e":
        loaded = load_pem_private_key(key, None)
        key, algorithm = base64.b64encode(loaded.private_bytes_raw()), b"ed25519-sha256"  # type: ignore[union-attr]  # Ed25519
    made: bytes = dkimpy.sign(
        raw,
        selector.encode(),
        domain.encode(),
        key,
        signature_algorithm=algorithm,
        include_headers=[b"From", b"To", b"Subject"],
    )
    return made + raw


def test_both_signatures_of_the_own_domain_are_right() -> None:
    result = judge(signed(signed(LETTER, "r", "alfa.test"), "e", "alfa.test"), "alfa.test", PUBLISHED)
    assert result.verdict is Verdict.PASS, result.observed


@pytest.mark.parametrize(
    "signatures",
    [(), (("r", "alfa.test"),), (("r", "alfa.test"), ("e", "beta.test")), (("r", "beta.test"), ("e", "beta.test"))],
    ids=["none", "one key", "another's beside", "another's"],
)
def test_anything_else_is_wrong(signatures: tuple[tuple[str, str], ...]) -> None:
    raw = LETTER
    for selector, domain in signatures:
        raw = signed(raw, selector, domain)
    assert judge(raw, "alfa.test", PUBLISHED).verdict is Verdict.FAIL


def test_a_changed_letter_is_wrong() -> None:
    raw = signed(signed(LETTER, "r", "alfa.test"), "e", "alfa.test").replace(b"Tere!", b"Tere?")
    assert judge(raw, "alfa.test", PUBLISHED).verdict is Verdict.FAIL
