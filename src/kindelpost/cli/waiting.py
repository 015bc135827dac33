"""Waiting for the worker to bring a new thing to the engines."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kindelpost.tenants.models import Domain, Mailbox

__all__ = ["until_ready"]

PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.05


def until_ready(thing: Domain | Mailbox) -> bool:
    """Whether `thing` became ready within five seconds; its state is read anew."""
    from kindelpost.tenants.models import State

    end = monotonic() + PATIENCE_SECONDS
    while thing.state != State.READY and monotonic() < end:
        sleep(PAUSE_SECONDS)
        thing.refresh_from_db(fields=["state"])
    return thing.state == State.READY
