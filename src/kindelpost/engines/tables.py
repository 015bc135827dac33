"""The four forms of a published map. Each changes some keys at once.

A reader sees the old or the new content, never half of one, also when the writer is killed in the middle:
LMDB and SQLite commit one transaction, the others rename a finished file over the old one.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import lmdb

from kindelpost.lib.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Mapping
    from pathlib import Path

__all__ = ["MARK", "Folder", "Lines", "Lmdb", "MailboxFile", "Table", "Values"]

Values = tuple[str, ...]
MODE = 0o640
MARK = "loaded.invalid"  # in each of Rspamd's maps, so that it knows that it has read them; nobody can own it (RFC 2606 §2)
# Address space, not disk: the file grows with its content. Ten million addresses fit; a Postfix reader that mapped less
# (lmdb_map_size) gets MDB_MAP_RESIZED and maps it anew.
MAP_SIZE = 1 << 30
BUSY_SECONDS = 10


class Table(Protocol):
    """One published map: a key (an address or a domain) and its values, all text."""

    def read(self) -> dict[str, Values]:
        """Everything in it."""

    def change(self, rows: Mapping[str, Values], gone: Collection[str]) -> None:
        """Set `rows` and drop the keys `gone`, at once."""


@dataclass(frozen=True)
class Lmdb:
    """A Postfix map: lmdb:<path without .lmdb>. One value a key.

    Postfix opens it without LMDB's own locks and takes a shared fcntl lock for each lookup (slmdb(3), MDB_NOLOCK), so we hold
    the exclusive one for the transaction. Commits are fsynced: a page torn by a power cut would cost every lookup.
    """

    path: Path
    prefix: str = ""  # before every key in the file: "@" where Postfix asks for @domain

    def read(self) -> dict[str, Values]:
        """Everything in it; nothing where there is no file."""
        if not self.path.exists():
            return {}
        with self._locked(fcntl.LOCK_SH), self._open(readonly=True) as env, env.begin() as txn:
            return {bytes(key).decode().removeprefix(self.prefix): (bytes(value).decode(),) for key, value in txn.cursor()}

    def change(self, rows: Mapping[str, Values], gone: Collection[str]) -> None:
        """One transaction."""
        with self._locked(fcntl.LOCK_EX), self._open(readonly=False) as env, env.begin(write=True) as txn:
            for key in gone:
                txn.delete(f"{self.prefix}{key}".encode())
            for key, (value,) in rows.items():
                txn.put(f"{self.prefix}{key}".encode(), value.encode())

    @contextmanager
    def _locked(self, kind: int) -> Generator[None]:
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT if kind == fcntl.LOCK_EX else os.O_RDONLY, MODE)
        try:
            fcntl.lockf(handle, kind)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _open(self, *, readonly: bool) -> Generator[lmdb.Environment]:
        env = lmdb.open(os.fspath(self.path), subdir=False, lock=False, readonly=readonly, map_size=MAP_SIZE, mode=MODE)
        try:
            yield env
        finally:
            env.close()


@dataclass(frozen=True)
class MailboxFile:
    """Dovecot's map: an SQLite file with a rollback journal (a reader of WAL would need to write).

    Columns: address, password (a Dovecot scheme string), quota_bytes, home (an absolute path).
    """

    path: Path

    def read(self) -> dict[str, Values]:
        """Everything in it; nothing where there is no file."""
        if not self.path.exists():
            return {}
        with self._open() as base:
            rows = base.execute("SELECT address, password, quota_bytes, home FROM mailbox")
            return {address: (password, str(quota), home) for address, password, quota, home in rows}

    def change(self, rows: Mapping[str, Values], gone: Collection[str]) -> None:
        """One transaction."""
        with self._open() as base, base:
            base.execute("BEGIN IMMEDIATE")
            base.executemany("DELETE FROM mailbox WHERE address = ?", [(key,) for key in gone])
            base.executemany(
                "INSERT OR REPLACE INTO mailbox (address, password, quota_bytes, home) VALUES (?, ?, ?, ?)",
                [(key, password, int(quota), home) for key, (password, quota, home) in rows.items()],
            )

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, MODE))  # so that the file never has another mode
        with closing(sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)) as base:
            base.execute("PRAGMA journal_mode = DELETE")
            base.execute("PRAGMA synchronous = FULL")
            base.execute(
                "CREATE TABLE IF NOT EXISTS mailbox (address TEXT PRIMARY KEY, password TEXT NOT NULL, "
                "quota_bytes INTEGER NOT NULL, home TEXT NOT NULL)"
            )
            yield base


@dataclass(frozen=True)
class Lines:
    """A Rspamd map: one sorted text file, "key value" a line, or the key alone."""

    path: Path

    def read(self) -> dict[str, Values]:
        """Everything in it; nothing where there is no file."""
        if not self.path.exists():
            return {}
        split = (line.split(" ", 1) for line in self.path.read_text().splitlines())
        return {key: tuple(rest) for key, *rest in split}

    def change(self, rows: Mapping[str, Values], gone: Collection[str]) -> None:
        """A new file over the old one; Rspamd notices the new modification time."""
        old = self.read()
        content = {key: values for key, values in old.items() if key not in gone} | dict(rows)
        if content == old and self.path.exists():
            return
        write_atomic(self.path, "".join(" ".join((key, *content[key])) + "\n" for key in sorted(content)), mode=MODE)


@dataclass(frozen=True)
class Folder:
    """A file a key: <folder>/<key><suffix>, its whole content the one value."""

    path: Path
    suffix: str
    mode: int = 0o440

    def read(self) -> dict[str, Values]:
        """Everything in it."""
        files = self.path.glob(f"[!.]*{self.suffix}")
        return {file.name.removesuffix(self.suffix): (file.read_bytes().decode(),) for file in files}

    def change(self, rows: Mapping[str, Values], gone: Collection[str]) -> None:
        """File by file."""
        self.path.mkdir(parents=True, exist_ok=True)
        for key in gone:
            (self.path / f"{key}{self.suffix}").unlink(missing_ok=True)
        for key, (text,) in rows.items():
            write_atomic(self.path / f"{key}{self.suffix}", text, mode=self.mode)
