"""Does PostSRSd rewrite a sender, and back to the same."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from kindelpost.engines.base import Probe

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["lookup", "probe"]

SENDER = "probe@srs-probe.invalid"


def lookup(port: int, key: str) -> str:
    """One request of Postfix's tcp_table(5): the value, or "" when there is none (any status but 200)."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection, connection.makefile("rwb") as stream:
        stream.write(f"get {key}\n".encode())
        stream.flush()
        status, _, value = stream.readline().decode().strip().partition(" ")
    return value if status == "200" else ""


def probe(facts: Facts) -> Probe:
    """There and back again."""
    try:
        rewritten = lookup(facts.port("srs-forward"), SENDER)
        back = lookup(facts.port("srs-reverse"), rewritten) if rewritten else ""
    except OSError as fault:
        return Probe(ok=False, said=f"PostSRSd does not answer: {fault}")
    ok = rewritten.endswith(f"@{facts.service.hostname}") and back == SENDER
    return Probe(
        ok=ok,
        said=f"PostSRSd rewrites to …@{facts.service.hostname} and back." if ok else f"PostSRSd said {rewritten!r}, {back!r}.",
    )
