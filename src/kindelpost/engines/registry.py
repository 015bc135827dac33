"""The engines of this build, in the order in which they start."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kindelpost.engines.base import Engine, Process
    from kindelpost.engines.facts import Facts

__all__ = ["ORDER", "engines", "process_table"]

# What others ask comes first: a resolver before a scanner, a scanner before the MX.
ORDER = ("outside", "control", "unbound", "redis", "clamav", "images", "rspamd", "srs", "sts", "dovecot", "postfix", "nginx")
ONLY_WITH_A_WORLD = frozenset({"outside"})


def engines(*, outside: bool = False, only: Iterable[str] = ORDER) -> tuple[Engine, ...]:
    """The engines in start order; the outside world only where an evaluation or a test asks for it.

    Raises `EngineFault` with code `engine-missing` for a folder without an `ENGINE`.
    """
    wanted = set(only)
    found = []
    for name in ORDER:
        module = f"kindelpost.engines.{name}"
        if name not in wanted or (name in ONLY_WITH_A_WORLD and not outside) or find_spec(module) is None:
            continue
        engine = getattr(import_module(module), "ENGINE", None)
        if engine is None:
            raise EngineFault("engine-missing", f"{module} names no ENGINE.", "This copy of the program is not complete.")
        found.append(engine)
    return tuple(found)


def process_table(running: Iterable[Engine], facts: Facts) -> tuple[Process, ...]:
    """Every process of the service in start order; a process comes after those that it names in `after`."""
    rows = {process.name: process for engine in running for process in engine.processes(facts)}
    placed: dict[str, Process] = {}

    def place(row: Process, above: tuple[str, ...] = ()) -> None:
        if row.name in above:
            raise EngineFault("process-circle", f"{' → '.join((*above, row.name))}: a process cannot wait for itself.")
        for name in row.after:
            if name in rows and name not in placed:
                place(rows[name], (*above, row.name))
        placed.setdefault(row.name, row)

    for row in rows.values():
        place(row)
    return tuple(placed.values())
