"""Breaking a running service on purpose, and mending it: what the cases of every subject share."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from e2e.service import Service

__all__ = ["Break", "edited", "engine_edited", "mode_changed", "restarted", "results", "written"]


@dataclass(frozen=True)
class Break:
    """One way to break the service: `breaks` does it, and undoes it in the end; each of `checks` must say `fail` meanwhile."""

    what: str
    checks: tuple[str, ...]
    breaks: Callable[[Service], AbstractContextManager[None]]


def results(service: Service, *checks: str) -> dict[str, list[str]]:
    """What the checks say now, tried anew: check → verdict and what was seen, one a target."""
    rows: list[dict[str, Any]] = service.json("check", *checks, check=False)
    return {
        check: [f"{row['verdict']}: {row['target']['label']}: {row['observed']}" for row in rows if row["id"] == check]
        for check in checks
    }


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


def restarted(service: Service, engine: str, process: str = "") -> None:
    """Restart an engine's process and wait until the engine answers."""
    service.instance.supervisor.restart(process or engine)
    one = next(each for each in service.instance.engines if each.name == engine)
    end = time.monotonic() + 30
    while not one.probe(service.facts).ok and time.monotonic() < end:
        time.sleep(0.2)


def engine_edited(
    engine: str, *edits: tuple[str, str, str], process: str = ""
) -> Callable[[Service], AbstractContextManager[None]]:
    """A break: files of the engine's live configuration are edited (file, old, new), it is restarted; then both put right."""

    @contextmanager
    def break_it(service: Service) -> Iterator[None]:
        try:
            with ExitStack() as files:
                for file, old, new in edits:
                    files.enter_context(edited(service.facts.layout.etc(engine) / file, old, new))
                restarted(service, engine, process)
                yield
        finally:
            restarted(service, engine, process)

    return break_it


def mode_changed(path: str, mode: int) -> Callable[[Service], AbstractContextManager[None]]:
    """A break: a file or folder of the instance gets another mode."""

    @contextmanager
    def break_it(service: Service) -> Iterator[None]:
        (found,) = service.folder.glob(path)
        before = found.stat().st_mode & 0o7777
        found.chmod(mode)
        try:
            yield
        finally:
            found.chmod(before)

    return break_it
