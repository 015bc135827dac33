"""Does the MTA-STS resolver answer a lookup as Postfix makes it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from kindelpost.engines.base import Probe
from kindelpost.engines.sts import render

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["lookup", "probe"]

NOBODY = "mta-sts-probe.invalid"  # RFC 6761 §6.4: never there
SOMEBODY = "sts.example"  # of the outside world


def lookup(facts: Facts, domain: str) -> str:
    """One request of Postfix's socketmap_table(5): the reply as it came, such as `OK secure match=…` or `NOTFOUND `."""
    request = f"postfix {domain}".encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(4.5)
        connection.connect(str(render.socket(facts)))
        connection.sendall(b"%d:%b," % (len(request), request))
        length, _, start = connection.recv(4096).partition(b":")
        return start[: int(length)].decode()


def probe(facts: Facts) -> Probe:
    """A policy of the outside world must be found; in the real world, a domain without one must have none."""
    asked, wanted = (SOMEBODY, "OK secure ") if facts.service.dns.outside else (NOBODY, "NOTFOUND")
    try:
        reply = lookup(facts, asked)
    except (OSError, ValueError) as fault:
        return Probe(ok=False, said=f"The MTA-STS resolver does not answer: {fault}")
    return Probe(ok=reply.startswith(wanted), said=f"The MTA-STS resolver answers {reply.strip()} for {asked}.")
