"""The limits of the image scanner. Pure."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from kindelpost.engines.base import Directory, File, Process, Sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["LIMITS", "directories", "processes", "render", "socket"]

ACCOUNT = "kp-images"
# A code that a person is to scan from a screen is small: what exceeds these is not looked at, and said so.
LIMITS = {"bytes": 10_000_000, "pixels": 40_000_000, "seconds": 5, "memory_bytes": 1_500_000_000, "at_once": 4}


def socket(facts: Facts) -> Path:
    """Where it listens."""
    return facts.layout.run("images") / "images.sock"


def render(facts: Facts) -> dict[str, File]:
    """limits.json, which the daemon reads at its start."""
    return {"limits.json": File(json.dumps({"socket": str(socket(facts)), **LIMITS}, indent=2) + "\n")}


def directories(facts: Facts) -> tuple[Directory, ...]:
    """The socket's folder, whose setgid bit gives the socket to the filter's group."""
    return (Directory(facts.layout.run("images"), ACCOUNT, "kp-rspamd", 0o2750),)


def processes(facts: Facts) -> tuple[Process, ...]:
    """The daemon; it needs no network at all."""
    argv = (sys.executable, "-m", "kindelpost.engines.images.daemon", str(facts.layout.etc("images") / "limits.json"))
    env = {"PYTHONPATH": str(facts.layout.code), "PYTHONUNBUFFERED": "1"}
    sandbox = Sandbox(writes=(facts.layout.run("images"),), network=False)
    return (Process("images", argv, account=ACCOUNT, env=env, ours=True, sandbox=sandbox),)
