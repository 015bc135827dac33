"""Dovecot's own checkers (doveconf, sievec), and its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["validate", "version"]


def version() -> str:
    """The installed release, such as 2.3.19.1."""
    return run(["dovecot", "--version"]).out.split()[0]


def validate(_facts: Facts, staged: Path) -> list[str]:
    """What doveconf and sievec complain of; the compiled script stays beside the script, since delivery may not write there."""
    conf = str(staged / "dovecot.conf")
    complaints: list[str] = []
    for argv in (["doveconf", "-n", "-c", conf], ["sievec", "-c", conf, str(staged / "before.sieve")]):
        done = run(argv, check=False)
        said = [line for line in done.err.splitlines() if line.strip()]
        complaints += said
        if done.code and not said:
            complaints.append(f"{argv[0]} ended with {done.code}: {done.said[-300:]}")
    compiled = staged / "before.svbin"
    if compiled.exists():
        compiled.chmod(0o644)
    return complaints
