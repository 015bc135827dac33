"""The practice's sentences, the controls that keep them, what people attest, what is still awaited: the files of `data/`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Attested", "Clause", "Control", "Kind", "Sees", "Weight", "attested", "awaited", "clauses", "controls"]

Kind = Literal["says", "does"]
Sees = Literal["public", "user", "client", "provider"]  # each is shown also what those before it are
Weight = Literal["K1", "K2", "K3"]
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Clause:
    """One sentence. The Estonian words are the authority; `group_et`, `group_en` are the heading over it."""

    id: str
    et: str
    en: str
    group_et: str
    group_en: str


@dataclass(frozen=True)
class Control:
    """What is kept for a sentence; `data/controls.toml` says what each field means."""

    id: str
    et: str
    en: str
    sees: Sees
    kind: Kind
    weight: Weight
    by: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    mandatory: bool = True
    ours: bool = False

    @property
    def clauses(self) -> tuple[str, ...]:
        """The sentences that it serves, its own first."""
        return (self.id.partition(".")[0], *self.also)


@dataclass(frozen=True)
class Attested:
    """What only a person can state, for `days`. It never turns a check green."""

    id: str
    clause: str
    et: str
    en: str
    days: int


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def clauses() -> Mapping[str, Clause]:
    """Every sentence by id, in the practice's order."""
    data = _read("clauses.toml")
    heads = {key: {f"group_{language}": text for language, text in head.items()} for key, head in data["groups"].items()}
    return {key: Clause(id=key, **texts, **heads[key[0]]) for key, texts in data["clauses"].items()}


@cache
def controls() -> Mapping[str, Control]:
    """Every control by id, in the practice's order."""
    rows: dict[str, dict[str, Any]] = _read("controls.toml")["controls"]
    listed = {key: {name: tuple(row.get(name, ())) for name in ("by", "also")} for key, row in rows.items()}
    return {key: Control(**{**row, **listed[key]}, id=key) for key, row in rows.items()}


@cache
def attested() -> tuple[Attested, ...]:
    """Everything that people state, clause by clause."""
    items = _read("attested.toml")
    return tuple(Attested(f"{clause}.{key}", clause, **row) for clause, rows in items.items() for key, row in rows.items())


@cache
def awaited() -> Mapping[str, str]:
    """The controls that no check watches yet: id → the room that will bring it."""
    return {key: room for room, keys in _read("awaited.toml").items() for key in keys}
