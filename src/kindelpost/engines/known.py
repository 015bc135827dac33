"""Does an engine know a name? Asked of the published files with the engine's own reader where it has one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from kindelpost.engines.maps import layout
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.files import write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["require_domain", "require_mailbox"]


def _postfix_knows(table: str, key: str) -> bool:
    """Ask Postfix's own `postmap -q` with a configuration that holds nothing."""
    folder = layout().data("control") / "postmap"
    if not (folder / "main.cf").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / "main.cf", "compatibility_level = 3.6\n")
        os.utime(folder / "main.cf", (1, 1))  # Postfix waits two seconds for a file that may still be being written
    path = layout().maps("postfix") / table
    return run(["/usr/sbin/postmap", "-c", folder, "-q", key, f"lmdb:{path}"], check=False, timeout=5).code == 0


def _dovecot_knows(path: Path, address: str) -> bool:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as base:
        return base.execute("SELECT 1 FROM mailbox WHERE address = ?", [address]).fetchone() is not None


def require_mailbox(address: str) -> None:
    """Raises `EngineFault` (`not-published`) where Postfix or Dovecot does not know the mailbox."""
    if not _dovecot_knows(layout().maps("dovecot") / "users.sqlite", address):
        raise EngineFault("not-published", f"Dovecot does not know {address} yet.")
    if not _postfix_knows("mailboxes", address):
        raise EngineFault("not-published", f"Postfix does not know {address} yet.")


def require_domain(name: str) -> None:
    """Raises `EngineFault` (`not-published`) where Postfix does not know the domain."""
    if not _postfix_knows("domains", name):
        raise EngineFault("not-published", f"Postfix does not know {name} yet.")
