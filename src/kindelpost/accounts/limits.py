"""How often somebody may try to sign in: per account, per /24 or /48, and in all (T21).

A device on which the account has signed in before is counted by itself alone, so that nobody locks the owner out by guessing.
A try is counted before it is made and taken back when it succeeds: tries at the same moment do not slip through together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from kindelpost.accounts.models import Attempt
from kindelpost.journal.actions import record
from kindelpost.journal.actor import SYSTEM, Thing
from kindelpost.journal.events import Event
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused

__all__ = ["ACCOUNT", "ALL", "DEVICE", "NETWORK", "WINDOW", "Try", "begin", "network_of"]

WINDOW = timedelta(minutes=15)
ACCOUNT, DEVICE, NETWORK, ALL = 10, 10, 50, 500
PREFIX = {4: 24, 6: 48}


@dataclass(frozen=True)
class Try:
    """A counted try; `succeeded` takes it back."""

    rows: tuple[int, ...]

    def succeeded(self) -> None:
        """It was the owner: it does not count."""
        Attempt.objects.filter(pk__in=self.rows).delete()


def network_of(address: str) -> str:
    """The /24 or /48 around an address."""
    parsed = ip_address(address)
    return str(ip_network(f"{parsed}/{PREFIX[parsed.version]}", strict=False))


def begin(account: str, address: str, *, device: str = "") -> Try:
    """Count a try of `account` (space/login) from `address`, or of a known `device`. Raises `Refused` (`too-many-tries`)."""
    at = now()
    Attempt.objects.filter(at__lt=at - WINDOW).delete()
    limits = {f"account {account}": ACCOUNT, f"network {network_of(address)}": NETWORK, "all": ALL}
    if device:
        limits = {f"device {device}": DEVICE}
    rows = Attempt.objects.bulk_create(Attempt(key=key[:320], at=at) for key in limits)
    for key, limit in limits.items():
        tried = Attempt.objects.filter(key=key[:320]).count()
        if tried > limit:
            Attempt.objects.filter(pk__in=[row.pk for row in rows]).delete()  # a refused try does not lengthen the wait
            _tell(key.partition(" ")[0], account)
            raise Refused("too-many-tries", "Too many tries.", "Wait a quarter of an hour, or use a device that is known.")
    return Try(tuple(row.pk for row in rows))


def _tell(limit: str, account: str) -> None:
    """Write it down once in a while, not at each further try."""
    if Attempt.objects.get_or_create(key=f"told {limit} {account}"[:320], defaults={"at": now()})[1]:
        record(Event.SIGN_IN_LIMITED, Thing("account", account[:64], account[:320]), actor=SYSTEM, limit=limit)
