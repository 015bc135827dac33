"""DKIM keys: RSA-2048 (RFC 8301) and Ed25519 (RFC 8463), and the text of their DNS records."""

from __future__ import annotations

import base64
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

__all__ = ["ALGORITHMS", "Algorithm", "make_private_key", "record_text", "signer_key"]

Algorithm = Literal["rsa", "ed25519"]
ALGORITHMS: tuple[Algorithm, ...] = ("rsa", "ed25519")
RSA_BITS = 2048  # RFC 8301 §3.2: at least 1024, should be 2048; longer does not fit every DNS path


def make_private_key(algorithm: Algorithm) -> str:
    """A new private key as PEM PKCS#8."""
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    if algorithm == "rsa":
        key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    else:
        key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def record_text(private_pem: str) -> str:
    """The value of the TXT record at <selector>._domainkey.<domain> (RFC 6376 §3.6.1, RFC 8463 §4.2)."""
    public = serialization.load_pem_private_key(private_pem.encode(), None).public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(public.public_bytes_raw()).decode()}"
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def signer_key(private_pem: str) -> str:
    """The private key in the form that Rspamd reads in 3.4 and 3.12.

    PEM for RSA; for Ed25519, of which 3.4 reads no PEM, base64 of seed and public key, as `rspamadm dkim_keygen` writes it.
    """
    key = serialization.load_pem_private_key(private_pem.encode(), None)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return base64.b64encode(key.private_bytes_raw() + key.public_key().public_bytes_raw()).decode()
    return private_pem
