"""The form of evidence: canonical JSON lines, a hash chain, Ed25519. docs/evidence-format.md describes it for others.

Knows the standard library and `cryptography` alone, so that whoever verifies needs nothing else of ours.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    Record = Mapping[str, Any]

__all__ = [
    "GENESIS",
    "canonical",
    "fingerprint",
    "key_id",
    "line_hash",
    "load_public",
    "parse",
    "public_text",
    "raw_public",
    "signed",
]

GENESIS = "0" * 64  # the `prev` of the first record
ID_LENGTH = 16


def canonical(record: Record) -> bytes:
    """JSON with sorted keys, no blanks, UTF-8; numbers are integers. Raises `ValueError` for what has no such form."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _no_fraction(text: str) -> float:
    raise ValueError(f"{text} is no integer")


def parse(line: bytes) -> dict[str, Any]:
    """The record in a line (without its newline), only if the line is its canonical form. Raises `ValueError`."""
    record = json.loads(line.decode(), parse_float=_no_fraction)
    if not isinstance(record, dict) or canonical(record) != line:
        raise ValueError("the line is not canonical JSON")
    return record


def line_hash(line: bytes) -> str:
    """SHA-256 in hex of a line without its newline: the next record's `prev`."""
    return hashlib.sha256(line).hexdigest()


def raw_public(key: Ed25519PublicKey) -> bytes:
    """The key's 32 bytes (RFC 8032)."""
    return key.public_bytes_raw()


def public_text(key: Ed25519PublicKey) -> str:
    """The key as a record carries it: base64 of its 32 bytes."""
    return base64.b64encode(raw_public(key)).decode()


def load_public(text: str) -> Ed25519PublicKey:
    """The key that `public_text` wrote. Raises `ValueError`."""
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 in hex of the key's 32 bytes: what is published, and what a verifier compares."""
    return hashlib.sha256(raw_public(key)).hexdigest()


def key_id(key: Ed25519PublicKey) -> str:
    """The fingerprint's first 16 digits: how records name the key that signed them."""
    return fingerprint(key)[:ID_LENGTH]


def signed(record: Record, key: Ed25519PrivateKey) -> bytes:
    """The record's line without newline: `key` and `sig` are added, the signature covers everything but itself."""
    named = {**record, "key": key_id(key.public_key())}
    return canonical({**named, "sig": base64.b64encode(key.sign(canonical(named))).decode()})
