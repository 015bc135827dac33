"""Postfix's own checker, and its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["validate", "version"]


def version() -> str:
    """The installed release, such as 3.7.11."""
    return run(["postconf", "-dh", "mail_version"]).out.strip()


def validate(_facts: Facts, staged: Path) -> list[str]:
    """What `postconf` and `postfix check` complain of. An unknown setting is a mere warning with exit 0 there; it counts."""
    complaints: list[str] = []
    conf = str(staged)
    for argv in (["postconf", "-c", conf, "-n"], ["postconf", "-c", conf, "-M"], ["postfix", "-c", conf, "check"]):
        done = run(argv, check=False)
        lines = [line for line in done.err.splitlines() if "warning" in line or "fatal" in line or "error" in line]
        complaints += [line.strip() for line in lines]
        if done.code and not lines:
            complaints.append(f"{' '.join(argv[:2])} ended with {done.code}: {done.said[-300:]}")
    return complaints
