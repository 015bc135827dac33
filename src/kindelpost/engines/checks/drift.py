"""P6.8, P6.4: what runs is what was rendered, and nobody is trusted for an address."""

from __future__ import annotations

from ipaddress import ip_network

from kindelpost.engines.helper import ask
from kindelpost.engines.maps import layout
from kindelpost.practice.registry import Result, Target, check, failed, passed

__all__ = ["drift", "trust"]

NOBODY = "255.255.255.255/32"  # no client ever has it: an engine that warns of an empty list gets this one


@check(
    "P6.8",
    version=1,
    kind="says",
    ttl_s=900,
    expected="Files, programs and accounts of every engine are those rendered.",
    timeout_s=60,
)
def drift(_target: Target) -> Result:
    """What runs is what was rendered."""
    found: dict[str, list[str]] = ask(layout(), "drift")
    wrong = [f"{engine}: {said}" for engine, lines in found.items() for said in lines]
    if wrong:
        return failed("; ".join(wrong), details={engine: lines for engine, lines in found.items() if lines})
    return passed(f"{len(found)} engines as rendered: {', '.join(found)}.")


@check(
    "P6.4", version=1, kind="says", ttl_s=900, expected="No engine trusts an address but loopback or a socket.", timeout_s=60
)
def trust(_target: Target) -> Result:
    """No network is trusted for its address."""
    found: dict[str, str] = ask(layout(), "trust")
    wrong = [f"{name} = {value}" for name, value in found.items() if not all(map(harmless, value.replace(",", " ").split()))]
    if wrong:
        return failed("; ".join(wrong), details=found)
    return passed(f"{len(found)} settings, all empty or without a network.", details=found)


def harmless(word: str) -> bool:
    """A socket, loopback, or an address that nobody has; whatever else is in such a list trusts somebody."""
    if word == NOBODY or word.startswith(("unix:", "/")):
        return True
    try:
        return ip_network(word.replace("[", "").replace("]", ""), strict=False).is_loopback
    except ValueError:
        return False
