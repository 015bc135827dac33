"""Which processes on the machine belong to an instance, and to which row of its table. Read from /proc alone."""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.engines import keeper
from kindelpost.engines.facts import ACCOUNTS

if TYPE_CHECKING:
    from kindelpost.engines.facts import Layout

__all__ = ["STRAY", "members"]

STRAY = "?"  # runs from the instance's folder, but no keeper remembers it
FIRST = ("keeper.pid", "supervisor.pid")


def members(layout: Layout) -> dict[int, str]:
    """Every living process of the instance: pid → its row in the table; `keeper`, `supervisor`; or `STRAY`.

    A stray runs under a service account and has its program, working folder or a word of its command line in the instance. An
    operator's shell in that folder, or her `tail` of a log, is none of ours.
    """
    found: dict[int, str] = {}
    records = sorted(layout.run("supervisor").glob("*.pid"), key=lambda path: (path.name not in FIRST, path.name))
    for record in records:  # the keeper's own comes first: it holds all the others, and the row's name then wins
        found |= dict.fromkeys(keeper.leftovers(record), record.stem)
    accounts = _service_uids()
    for pid, _ in keeper.processes():
        if pid not in found and _uid(pid) in accounts and _runs_from(pid, str(layout.root)):
            found[pid] = STRAY
    return found


def _service_uids() -> set[int]:
    uids = set()
    for name in ACCOUNTS.values():
        with suppress(KeyError):  # an account that is not made yet
            uids.add(pwd.getpwnam(name).pw_uid)
    return uids


def _uid(pid: int) -> int:
    with suppress(OSError):
        return Path(f"/proc/{pid}").stat().st_uid
    return 0


def _runs_from(pid: int, root: str) -> bool:
    traces = []
    with suppress(OSError):
        traces += Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    for link in ("exe", "cwd"):
        with suppress(OSError):
            traces.append(os.readlink(f"/proc/{pid}/{link}"))  # noqa: PTH115 -- the link's text, which may end in " (deleted)"
    return any(f"{root}/" in f"{trace}/" for trace in traces)
