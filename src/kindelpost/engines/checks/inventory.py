"""M2.2: what listens is known."""

from __future__ import annotations

from kindelpost.engines.helper import ask
from kindelpost.engines.maps import layout
from kindelpost.practice.registry import Result, Target, check, failed, passed

__all__ = ["listeners"]


@check("M2.2", version=1, kind="says", ttl_s=3600, expected="Every listening socket was declared, and none beyond its network.")
def listeners(_target: Target) -> Result:
    """No process of the service listens where nobody declared it."""
    found = ask(layout(), "sockets")
    wrong = [f"{each['process']} ({each['account']}) on {each['address']} port {each['port']}" for each in found["unknown"]]
    wrong += [f"{each['process']} beyond loopback on {each['address']} port {each['port']}" for each in found["exposed"]]
    if wrong:
        return failed(f"Undeclared: {', '.join(wrong)}.", details={"undeclared": wrong})
    return passed(f"{len(found['known'])} listening sockets, every one declared.")
