"""The MTA-STS resolver with what it lacks: where DANE protects every exchanger of a domain, DANE decides (RFC 8461 §2).

Postfix gives a policy table's answer precedence over its default level `dane`, so a valid certificate would make up for a TLSA
record that does not match. Run as `python -m kindelpost.engines.sts.daemon -c sts.yml`.
"""

from __future__ import annotations

import sys

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.name
import dns.rdata
import dns.resolver
from postfix_mta_sts_resolver import daemon, netstring  # type: ignore[import-untyped]  # published without types
from postfix_mta_sts_resolver.responder import STSSocketmapResponder  # type: ignore[import-untyped]  # published without types

__all__ = ["Responder", "protected_by_dane"]

NOTHING: bytes = netstring.encode(b"NOTFOUND ")


class Responder(STSSocketmapResponder):  # type: ignore[misc]  # published without types
    """Answers as its parent does, except for domains that DANE protects."""

    async def process_request(self, raw_req: bytes) -> bytes:
        """One request `<table> <domain>`: a policy, or nothing."""
        reply: bytes = await super().process_request(raw_req)
        if reply == NOTHING:
            return reply
        domain = raw_req.decode().partition(" ")[2]
        return NOTHING if await protected_by_dane(domain) else reply


async def protected_by_dane(domain: str) -> bool:
    """Whether every mail exchanger of `domain` has validated TLSA records; what cannot be looked up is Postfix's to judge.

    The MX answer must be validated too, or the records behind it mean nothing (RFC 7672 §2.2.1).
    """
    try:
        exchangers = await validated(domain, "MX")
        hosts = [record.to_text().split()[1] for record in exchangers] or [domain]
        return all([await validated(f"_25._tcp.{host}", "TLSA") for host in hosts])
    except dns.exception.DNSException:
        return True


async def validated(name: str, kind: str) -> list[dns.rdata.Rdata]:
    """The records, if the resolver that resolv.conf names has validated them."""
    resolver = dns.asyncresolver.Resolver()
    resolver.flags = dns.flags.RD | dns.flags.AD
    resolver.lifetime = 3
    try:
        answer = await resolver.resolve(dns.name.from_text(name), kind, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return []
    return list(answer.rrset or ()) if answer.response.flags & dns.flags.AD else []


if __name__ == "__main__":
    daemon.STSSocketmapResponder = Responder
    sys.exit(daemon.main())
