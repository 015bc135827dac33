"""The installed server: Valkey on Debian 13, Redis on Debian 12; one protocol, one configuration."""

from __future__ import annotations

import re
from shutil import which

from kindelpost.lib.errors import EngineFault
from kindelpost.lib.run import run

__all__ = ["client", "server", "version"]


def _installed(names: tuple[str, ...]) -> str:
    for name in names:
        found = which(name)
        if found:
            return found
    raise EngineFault("redis-missing", f"None of {', '.join(names)} is installed.", "Run ./kindelpost again as root.")


def server() -> str:
    """The path of the server's binary."""
    return _installed(("valkey-server", "redis-server"))


def client() -> str:
    """The path of its command line client."""
    return _installed(("valkey-cli", "redis-cli"))


def version() -> str:
    """The installed version, such as "7.0.15"; Raises EngineFault when none is installed."""
    said = run([server(), "--version"]).out
    found = re.search(r"v=(\d+(?:\.\d+)+)", said)
    if not found:
        raise EngineFault("redis-version", f"The server's version is not to be read from: {said[:200]}")
    return found.group(1)
