"""Breaking a running service on purpose, and mending it: what the cases of every subject share."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from e2e.service import Service

__all__ = ["Break", "edited", "results", "written"]


@dataclass(frozen=True)
class Break:
    """One way to break the service: `breaks` does it, and undoes it in the end; `check` must say `fail` meanwhile."""

    check: str
    what: str
    breaks: Callable[[Service], AbstractContextManager[None]]


def results(service: Service, check: str) -> dict[str, str]:
    """What the check says now, tried anew: target → verdict and what was seen."""
    rows: list[dict[str, Any]] = service.json("check", check, check=False)
    return {row["target"]["label"]: f"{row['verdict']}: {row['observed']}" for row in rows if row["id"] == check}


@contextmanager
def written(path: Path, content: bytes) -> Iterator[None]:
    """Another content in place, with the same owner and mode; the old one comes back."""
    before = path.read_bytes()
    _overwrite(path, content)
    try:
        yield
    finally:
        _overwrite(path, before)


@contextmanager
def edited(path: Path, old: str, new: str) -> Iterator[None]:
    """`old` in a file becomes `new`, and comes back; it must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} holds no {old!r}"
    with written(path, text.replace(old, new).encode()):
        yield


def _overwrite(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_TRUNC)
    with os.fdopen(handle, "wb") as sink:
        sink.write(content)
