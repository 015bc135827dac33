"""Where programs that read a resolv.conf find the resolver: the file names no port, so each instance has its own address."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["RESOLV_CONF", "resolv_conf", "resolver_address", "resolver_binds"]

RESOLV_CONF = "resolv.conf"  # in Unbound's configuration folder


def resolver_address(facts: Facts) -> str:
    """The address in 127.64.0.0/10 on whose port 53 this instance's Unbound listens; it follows from the folder's path."""
    digest = sha256(str(facts.layout.root).encode()).digest()
    return f"127.{64 + digest[0] % 64}.{digest[1]}.{1 + digest[2] % 254}"


def resolv_conf(facts: Facts) -> str:
    """What takes the place of /etc/resolv.conf, in a mount namespace of its own, for Postfix and the MTA-STS resolver.

    `trust-ad`: Postfix believes the AD bit (RFC 7672 §2.1.1), and glibc ≥ 2.31 strips it unless the resolver is called trusted.
    """
    return f"nameserver {resolver_address(facts)}\noptions edns0 trust-ad timeout:2 attempts:3\n"


def resolver_binds(facts: Facts) -> dict[str, str]:
    """`Process.binds` of a process that reads resolv.conf: it sees this instance's resolver; the machine's own file stays."""
    return {str(facts.layout.etc("unbound") / RESOLV_CONF): "/etc/resolv.conf"}
