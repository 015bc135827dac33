"""Asking root for client domains' certificates and profiles: at the worker's start, after a change of domains, every hour.

Outside the reaction's transaction, since root takes a second; what a crash forgets, the next start asks.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from kindelpost.engines.helper import ask
from kindelpost.engines.maps import layout
from kindelpost.lib.errors import KindelpostError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NAMING", "Naming"]

log = logging.getLogger(__name__)
HOUR = 3600.0  # a certificate is renewed a month before its end: an hour is soon enough
AGAIN = 5.0  # the helper was silent: it may be starting


class Naming:
    """When to ask next."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """At once."""
        self.clock, self.due = clock, 0.0

    def want(self) -> None:
        """Domains changed: ask at the next step."""
        self.due = 0.0

    def step(self) -> None:
        """Ask where it is time."""
        if self.clock() < self.due:
            return
        self.due = self.clock() + HOUR
        try:
            done = ask(layout(), "names")
        except KindelpostError as fault:
            self.due = self.clock() + AGAIN
            log.warning("client domains' certificates are not up to date: %s", fault.message)
            return
        changed = {what: names for what, names in done.items() if names}
        if changed:
            log.info("client domains' names: %s", changed)


NAMING = Naming()  # of the worker, whose reactions and round are one process
