"""A stack that is measured: where it takes mail, where it keeps it, which processes it is made of."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING

from kindelpost.engines import keeper
from kindelpost.engines.members import members
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

    from kindelpost.engines.facts import Facts, Layout

__all__ = ["Stack"]

TICKS = os.sysconf("SC_CLK_TCK")
FOLDERS = {"INBOX": "", "Junk": ".Junk"}
NOT_SERVING = frozenset({"outside-dns", "outside-sink"})  # the world around the service


@dataclass(frozen=True)
class Stack:
    """One running mail service. `shared`: processes of another instance that work for this one too, its resolver."""

    name: str
    facts: Facts  # of our instance: the outside world from which mail comes
    port: int
    context: ssl.SSLContext
    layout: Layout
    maildirs: dict[str, Path]  # address → its Maildir
    shared: tuple[tuple[Layout, str], ...] = ()
    notes: tuple[str, ...] = field(default=())

    def stored(self) -> int:
        """How many messages are in the mailboxes."""
        return sum(len(names) for _, _, names in self._listed())

    def messages(self) -> Iterator[tuple[str, Path]]:
        """Every message in the mailboxes: the folder it is in (INBOX or Junk) and its file."""
        for folder, place, names in self._listed():
            for name in names:
                yield folder, place / name

    def empty(self) -> set[str]:
        """Take all messages away; returns the Message-IDs they had."""
        found = set()
        for _, path in self.messages():
            with path.open("rb") as source:
                found.add(str(BytesHeaderParser().parse(source)["Message-ID"]).strip("<> "))
            path.unlink()
        return found

    def wait(self, count: int, patience: float) -> None:
        """Until `count` messages are stored. Raises `EngineFault` (`bench-lost`) when some are not after `patience` seconds."""
        end = time.monotonic() + patience
        while (found := self.stored()) < count:
            if time.monotonic() > end:
                raise EngineFault("bench-lost", f"{self.name}: {count} messages were accepted, {found} are in the mailboxes.")
            time.sleep(0.01)

    def cpu(self) -> float:
        """Processor seconds used so far by the stack's processes, with what their ended children used."""
        mine = {pid for pid, row in members(self.layout).items() if row not in NOT_SERVING}
        for layout, wanted in self.shared:
            mine |= {pid for pid, row in members(layout).items() if row == wanted}
        # proc(5): utime, stime, cutime, cstime are fields 14 to 17; fields() begins at the third.
        return sum(int(ticks) for pid in mine for ticks in keeper.fields(pid)[11:15]) / TICKS

    def _listed(self) -> Iterator[tuple[str, Path, list[str]]]:
        for maildir in self.maildirs.values():
            for folder, place in FOLDERS.items():
                for state in ("new", "cur"):
                    here = maildir / place / state
                    if here.is_dir():
                        yield folder, here, os.listdir(here)  # noqa: PTH208 -- names are enough, and it is asked often
