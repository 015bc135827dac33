"""Running another program: the only place that imports subprocess (design, §3)."""

from __future__ import annotations

import os
import subprocess  # noqa: S404 -- this is the one place that runs programs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Finished", "run", "start"]


@dataclass(frozen=True)
class Finished:
    """A program that ended: its exit status and what it printed (stdout and stderr apart, text)."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything it printed, errors last, for a message to the operator."""
        return "\n".join(part for part in (self.out.strip(), self.err.strip()) if part)


def run(
    argv: Sequence[str | os.PathLike[str]],
    *,
    check: bool = True,
    timeout: float = 60.0,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Finished:
    """Run `argv` (never through a shell) to its end within `timeout` seconds.

    Raises `EngineFault` with code `run-failed`, `run-missing` or `run-timeout`; with `check=False` a failing exit is returned.
    """
    words = tuple(os.fspath(word) for word in argv)
    try:
        done = subprocess.run(  # noqa: S603 -- argv only, no shell
            words,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            cwd=cwd,
            env={**os.environ, **env} if env is not None else None,
        )
    except FileNotFoundError as missing:
        raise EngineFault(
            "run-missing", f"The program {words[0]} is not installed.", "Run ./kindelpost again as root."
        ) from missing
    except subprocess.TimeoutExpired as late:
        raise EngineFault("run-timeout", f"{words[0]} did not end within {timeout:g} s.") from late
    finished = Finished(words, done.returncode, done.stdout, done.stderr)
    if check and finished.code:
        raise EngineFault("run-failed", f"{' '.join(words[:4])} ended with {finished.code}: {finished.said[-800:]}")
    return finished


def start(argv: Sequence[str | os.PathLike[str]], *, log: Path, env: Mapping[str, str] | None = None) -> int:
    """Start `argv` in a session of its own with its output in `log`; returns its process id without waiting for it."""
    with log.open("ab") as sink:
        child = subprocess.Popen(  # noqa: S603 -- argv only, no shell
            [os.fspath(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            env={**os.environ, **env} if env is not None else None,
        )
    child.returncode = 0  # nobody waits for it, and that is meant: no ResourceWarning
    return child.pid
