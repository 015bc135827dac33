"""The resolver's own reader of its configuration, and its version."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from typing import TYPE_CHECKING

from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["validate", "version"]

LOAD = "import sys; from postfix_mta_sts_resolver.utils import load_config; load_config(sys.argv[1])"


def version() -> str:
    """The installed release, such as 1.5.1."""
    return installed("postfix-mta-sts-resolver")


def validate(_facts: Facts, staged: Path) -> list[str]:
    """What its own loader says, run apart as it will be."""
    done = run([sys.executable, "-c", LOAD, staged / "sts.yml"], check=False)
    return done.said.splitlines()[-1:] if done.code else []
