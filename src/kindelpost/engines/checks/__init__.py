"""The checks of what the engines do: a module a subject, each check tried against the running service."""

from __future__ import annotations

from kindelpost.engines.checks import (
    accounts,
    drift,
    identity,
    inventory,
    local,
    phishing,
    relay,
    scanner,
    scanning,
    sieve,
    tls,
)

__all__ = ["accounts", "drift", "identity", "inventory", "local", "phishing", "relay", "scanner", "scanning", "sieve", "tls"]
