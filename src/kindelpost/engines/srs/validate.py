"""PostSRSd has no checker of its own: what can be wrong is its secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["validate", "version"]

SHORTEST = 16  # characters of a secret


def version() -> str:
    """The installed release, such as 1.10."""
    return run(["postsrsd", "-v"], check=False).said.split()[-1]


def validate(_facts: Facts, staged: Path) -> list[str]:
    """A key too short to sign with; PostSRSd itself takes even an empty one."""
    secret = (staged / "secret").read_text(encoding="utf-8").strip()
    return [] if len(secret) >= SHORTEST else [f"The SRS secret has {len(secret)} characters, fewer than {SHORTEST}."]
