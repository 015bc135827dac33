"""DNSSEC for the outside world: one key from one secret, so that the trust anchor is known before anything runs."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import dns.dnssec
import dns.rdtypes.ANY.DNSKEY
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

from kindelpost.lib.clock import now

__all__ = ["TTL", "Key", "anchor", "key", "sign"]

TTL = 1  # seconds: what a test changes must be seen at once
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (SEC 2 §2.4.2)
Key = tuple[ec.EllipticCurvePrivateKey, "dns.rdtypes.ANY.DNSKEY.DNSKEY"]


def key(secret: str) -> Key:
    """The combined signing key (RFC 6781 §3.1: one key for both roles) that follows from `secret`, ECDSA P-256 (RFC 6605)."""
    scalar = int.from_bytes(sha256(secret.encode()).digest()) % (ORDER - 1) + 1
    private = ec.derive_private_key(scalar, ec.SECP256R1())
    return private, dns.dnssec.make_dnskey(private.public_key(), "ECDSAP256SHA256", flags=257)


def anchor(secret: str) -> str:
    """The trust anchor of the root as a DNSKEY record in presentation format, for Unbound's `trust-anchor`."""
    return f". {TTL} IN DNSKEY {key(secret)[1].to_text()}"


def sign(zone: dns.zone.Zone, signer: Key) -> None:
    """Sign `zone` in place, NSEC chain included, for a day before and thirty days after this moment."""
    with zone.writer() as transaction:
        dns.dnssec.sign_zone(
            zone,
            transaction,
            keys=[signer],
            dnskey_ttl=TTL,
            inception=now() - timedelta(days=1),
            expiration=now() + timedelta(days=30),
        )
