"""Rspamd's own reading of the staged folder; a warning is a complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.rspamd.programs import RSPAMADM, variables
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["validate"]


def validate(facts: Facts, staged: Path) -> list[str]:
    """What `rspamadm configtest` says that is not "syntax OK"."""
    argv = [RSPAMADM, *variables(facts, staged), "configtest", "--strict", "-c", str(staged / "rspamd.conf")]
    done = run(argv, check=False, timeout=60)
    lines = [line.strip() for line in done.said.splitlines() if line.strip()]
    said = [line for line in lines if line != "syntax OK"]
    if done.code and not said:
        said = [f"rspamadm configtest ended with {done.code}"]
    return said
