"""Our own service for the bench: a new evaluation, whose kindelpost.toml raises the limits, or one that runs already."""

from __future__ import annotations

import sqlite3
import ssl
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.bench.stack import Stack
from kindelpost.engines.instance import make_evaluation, open_instance
from kindelpost.engines.outside.namespace import find
from kindelpost.lib.errors import Refused
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kindelpost.engines.facts import Layout

__all__ = ["attach", "start", "stop"]

DOMAIN = "kadakas.example"
MAILBOXES = 8
# One host of the outside world plays all senders here.
LIMITS = """
[limits]
client_connections_per_minute = 1000000
client_messages_per_minute = 1000000
"""


def start(root: Path, port_base: int) -> Stack:
    """A new evaluation in `root`, as `up` makes it."""
    if make_evaluation(root, port_base=port_base):
        with (root / "kindelpost.toml").open("a", encoding="utf-8") as config:
            config.write(LIMITS)
    _command("up", "--detach", "--quiet", root=root, timeout=180)
    return attach(root, "Kindelpost")


def attach(root: Path, name: str) -> Stack:
    """The evaluation that runs in `root`; the bench's mailboxes are made where they are missing."""
    instance = open_instance(root, outside=find(root))
    if instance.outside is None:
        raise Refused("bench-outside", f"The service in {root} has no outside world, or does not run.", "Start it with `up`.")
    mailboxes = [f"bench{number}@{DOMAIN}" for number in range(MAILBOXES)]
    known = _command("mailbox", "list", "--json", root=root)
    for address in mailboxes:
        if f'"{address}"' not in known:
            _command("mailbox", "add", address, root=root)
    context = ssl.create_default_context(cafile=str(instance.ca))
    return Stack(
        name, instance.facts, instance.facts.port("mx"), context, instance.layout, _maildirs(instance.layout, mailboxes)
    )


def stop(root: Path) -> None:
    """Stop it."""
    _command("down", root=root)


def _maildirs(layout: Layout, addresses: Sequence[str]) -> dict[str, Path]:
    """Where Dovecot was told that each mailbox is."""
    with closing(sqlite3.connect(f"file:{layout.maps('dovecot') / 'users.sqlite'}?mode=ro", uri=True)) as users:
        homes = dict(users.execute("SELECT address, home FROM mailbox").fetchall())
    return {address: Path(homes[address]) / "Maildir" for address in addresses}


def _command(*words: str, root: Path, timeout: float = 60) -> str:
    return run([sys.executable, "-m", "kindelpost", *words, "--dir", root], timeout=timeout).out
