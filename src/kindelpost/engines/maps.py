"""The publisher: the one writer of what engines may know (P6, design §1.2).

Rooms above register a `MapSource`; `publish` brings the named addresses and domains up to date in every map,
`publish_all` makes every map equal to the tables. Both are idempotent, write only what differs and need no reload of an engine.
A new thing reaches Dovecot first and Postfix last, a removed one leaves Postfix first, so that nothing is accepted that
cannot be delivered.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.conf import settings

from kindelpost.engines.facts import Layout
from kindelpost.engines.tables import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Mapping

    from kindelpost.engines.tables import Table, Values

    Rows = Callable[[Collection[str] | None], Mapping[str, Values]]

__all__ = ["MapSource", "layout", "marked", "publish", "publish_all", "register"]


@dataclass(frozen=True)
class MapSource:
    """Where a map's content comes from.

    rows: keys → the rows of those that exist; None means all. keyed_by says which keys are asked for. `order` says when a new
    row is written: lower first (removed rows go in the opposite order).
    """

    name: str
    keyed_by: Literal["address", "domain"]
    table: Callable[[Layout], Table]
    rows: Rows
    order: int = 50


_sources: dict[str, MapSource] = {}


def register(*sources: MapSource) -> None:
    """Let the publisher know of these maps; the same name again replaces."""
    _sources.update({source.name: source for source in sources})


def marked(rows: Rows, values: Values = ()) -> Rows:
    """`rows` and one more, by which Rspamd knows that it has read the map (lua/tenants.lua): without it mail is deferred."""
    return lambda keys: {**rows(keys), **({MARK: values} if keys is None else {})}


def layout() -> Layout:
    """The folders of the instance that this process serves."""
    return Layout(settings.INSTANCE)


def publish(*, addresses: Collection[str] = (), domains: Collection[str] = ()) -> None:
    """Bring these keys up to date in every map."""
    asked = {"address": set(addresses), "domain": set(domains)}
    with _one_publisher():
        plan = [(source, asked[source.keyed_by]) for source in _ordered() if asked[source.keyed_by]]
        found = [(source, keys, source.rows(keys)) for source, keys in plan]
        for source, keys, rows in reversed(found):
            if gone := keys - rows.keys():
                source.table(layout()).change({}, gone)
        for source, _keys, rows in found:
            if rows:
                source.table(layout()).change(rows, ())


def publish_all() -> dict[str, int]:
    """Make every map equal to the tables; returns how many rows of each differed."""
    differed = {}
    with _one_publisher():
        found = [(source, source.rows(None), source.table(layout()).read()) for source in _ordered()]
        for source, rows, old in reversed(found):
            gone = old.keys() - rows.keys()
            differed[source.name] = len(gone)
            if gone:
                source.table(layout()).change({}, gone)
        for source, rows, old in found:
            new = {key: values for key, values in rows.items() if old.get(key) != values}
            differed[source.name] += len(new)
            if new or not old:  # an empty map is a file too: an engine that finds none does not start
                source.table(layout()).change(new, ())
    return differed


def _ordered() -> list[MapSource]:
    return sorted(_sources.values(), key=lambda source: (source.order, source.name))


@contextmanager
def _one_publisher() -> Generator[None]:
    """Two publishers at a time could each write what the other has just replaced."""
    folder = layout().data("control")
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "publisher.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
