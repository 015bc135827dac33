"""Does the resolver answer, and does it validate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode

from kindelpost.engines.base import Probe
from kindelpost.engines.unbound.address import resolver_address

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["ask", "probe"]

UNREACHED = "No name server was reached: no mail can leave, and mail from outside is judged without SPF, DKIM and DMARC."


def ask(facts: Facts, name: str, kind: str, timeout: float = 4.0) -> dns.message.Message:
    """The resolver's reply, as Postfix gets it: on port 53 of the instance's own address, with the AD bit wanted."""
    question = dns.message.make_query(name, kind)
    question.flags |= dns.flags.AD  # RFC 6840 §5.7
    return dns.query.udp(question, resolver_address(facts), timeout=timeout)


def probe(facts: Facts) -> Probe:
    """Look up the root's SOA, which is signed in the real world and in the outside one: the reply must be validated."""
    address = resolver_address(facts)
    try:
        reply = ask(facts, ".", "SOA")
    except (OSError, dns.exception.Timeout) as fault:
        if not listens(facts):
            return Probe(ok=False, said=f"Unbound does not answer on {address}: {fault}")
        return Probe(ok=True, said=f"Unbound answers on {address}.", limits=UNREACHED)
    if reply.rcode() != dns.rcode.NOERROR:
        return Probe(ok=True, said=f"Unbound answers on {address}.", limits=UNREACHED)
    validated = bool(reply.flags & dns.flags.AD)
    return Probe(ok=validated, said=f"Unbound {'validates' if validated else 'does not validate'} on {address}.")


def listens(facts: Facts) -> bool:
    """Whether Unbound itself answers, asked for a name that it knows alone (RFC 6761 §6.3)."""
    try:
        return ask(facts, "localhost", "A", timeout=1.0).rcode() == dns.rcode.NOERROR
    except (OSError, dns.exception.Timeout):
        return False
