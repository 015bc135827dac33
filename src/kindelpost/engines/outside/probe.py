"""Does the outside world answer: its name server, and its mail sink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dns.exception
import dns.message
import dns.query

from kindelpost.engines.base import Probe
from kindelpost.engines.outside.client import raw
from kindelpost.engines.outside.namespace import inside
from kindelpost.engines.outside.world import NAME_SERVER, ROOT
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts, Outside

__all__ = ["probe"]


def probe(facts: Facts) -> Probe:
    """Ask the name server for the root's SOA, and the sink for its greeting, from inside the namespace."""
    outside = facts.outside
    if outside is None:
        return Probe(ok=True, said="There is no outside world: the service is not an evaluation.")
    try:
        served = inside(outside.namespace, lambda: serves(outside))
        with raw(outside.namespace, outside.world_v4, 25, timeout=2) as sink:
            greeting = sink.reply()
    except (OSError, EngineFault, dns.exception.DNSException) as fault:
        return Probe(ok=False, said=f"The outside world does not answer: {fault}")
    ok = served and greeting.startswith(b"220 ")
    return Probe(
        ok=ok,
        said=f"Namespace {outside.namespace}, name server {outside.world_v4}: {greeting.decode(errors='replace').strip()}",
    )


def serves(outside: Outside) -> bool:
    """Whether the name server has the root zone."""
    reply = dns.query.udp(dns.message.make_query(ROOT, "SOA"), outside.world_v4, timeout=2)
    return bool(reply.answer) and reply.answer[0][0].mname.to_text() == NAME_SERVER
