"""Addresses and domains in one spelling: lower case, IDNA A-labels, within the limits of the standards."""

from __future__ import annotations

import re
from dataclasses import dataclass

import idna

from kindelpost.lib.errors import Refused

__all__ = ["Address", "parse_address", "parse_domain", "shown_domain"]

# A dot-atom (RFC 5321 §4.1.2) without what other software reads as routing, quoting, a path or a comment: % ! " / # and so on.
LOCAL_PART = re.compile(r"[a-z0-9_+=&'-]+(\.[a-z0-9_+=&'-]+)*")
LOCAL_LIMIT = 64  # octets, RFC 5321 §4.5.3.1.1
DOMAIN_LIMIT = 253  # RFC 1035 §2.3.4, as text
ADDRESS_LIMIT = 254  # a path is at most 256 octets with its brackets, RFC 5321 §4.5.3.1.3
LABELS = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(xn--[a-z0-9-]{1,59}|[a-z]{2,63})")


@dataclass(frozen=True, order=True)
class Address:
    """A mailbox name in its one spelling; `str()` gives local@domain."""

    local: str
    domain: str

    def __str__(self) -> str:
        """As it is written in an envelope."""
        return f"{self.local}@{self.domain}"


def parse_domain(text: str) -> str:
    """The domain in A-labels and lower case. Raises `Refused` (`bad-domain`)."""
    hint = "Write a full domain name such as firma.ee."
    try:
        name = idna.encode(text.strip().removesuffix("."), uts46=True, transitional=False).decode().lower()
    except (idna.IDNAError, UnicodeError) as wrong:
        raise Refused("bad-domain", f"{text!r} is not a domain name: {wrong}.", hint) from wrong
    if len(name) > DOMAIN_LIMIT or not LABELS.fullmatch(name):
        raise Refused("bad-domain", f"{text!r} is not a domain name.", hint)
    return name


def shown_domain(name: str) -> str:
    """The domain as people read it, in U-labels; the A-labels where those do not decode."""
    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name


def parse_address(text: str) -> Address:
    """The address in its one spelling. Raises `Refused` (`bad-address`, `bad-domain`)."""
    local, at, domain = text.strip().rpartition("@")
    local = local.lower()  # RFC 5321 §2.4 lets the host decide; ours ignores case, so that nobody owns a look-alike
    if not at or not LOCAL_PART.fullmatch(local):
        raise Refused(
            "bad-address",
            f"{text!r} is not an address that can be served.",
            "Write local@domain with letters a-z, digits and . _ + - before the @.",
        )
    address = Address(local, parse_domain(domain))
    if len(local) > LOCAL_LIMIT or len(str(address)) > ADDRESS_LIMIT:
        raise Refused("bad-address", f"{text!r} is too long.", f"At most {LOCAL_LIMIT} characters before the @.")
    return address
