"""What the scanner says of its signatures (P3.6): Rspamd alone may ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.clamav import client
from kindelpost.engines.clamav.render import socket
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.looks.becoming import become

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]


def look(instance: Instance) -> dict[str, str]:
    """{"version"}: clamd's own words, such as `ClamAV 1.4.6/27500/Mon Nov 23 09:00:00 2026`. Raises OSError."""
    path = socket(instance.facts)
    become(ACCOUNTS["rspamd"])
    return {"version": client.ask(path, "VERSION")}
