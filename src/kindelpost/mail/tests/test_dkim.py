"""DKIM keys and their records."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_private_key

from kindelpost.mail.dkim import make_private_key, record_text, signer_key


def _published(text: str) -> bytes:
    return base64.b64decode(text.partition("p=")[2], validate=True)


def test_the_record_of_an_rsa_key_holds_its_2048_bit_public_half() -> None:
    pem = make_private_key("rsa")
    text = record_text(pem)
    public = load_der_public_key(_published(text))
    assert text.startswith("v=DKIM1; k=rsa; p=")
    assert isinstance(public, rsa.RSAPublicKey)
    assert public.key_size == 2048
    assert public == load_pem_private_key(pem.encode(), None).public_key()
    assert signer_key(pem) == pem


def test_the_record_of_an_ed25519_key_verifies_what_the_signer_key_signs() -> None:
    pem = make_private_key("ed25519")
    text, both = record_text(pem), base64.b64decode(signer_key(pem))
    assert text.startswith("v=DKIM1; k=ed25519; p=")
    assert both[32:] == _published(text)
    signature = ed25519.Ed25519PrivateKey.from_private_bytes(both[:32]).sign(b"bar")
    ed25519.Ed25519PublicKey.from_public_bytes(_published(text)).verify(signature, b"bar")


def test_two_keys_are_never_the_same() -> None:
    assert make_private_key("ed25519") != make_private_key("ed25519")
