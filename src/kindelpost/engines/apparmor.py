"""Debian's AppArmor profiles know the packages' own folders only: a program that has one starts outside it, in our sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kindelpost.engines.base import Process

__all__ = ["UNCONFINED", "outside_profile"]

UNCONFINED = {
    "AppArmorProfile": ("unconfined", "Debian's profile allows the package's own folders only; this sandbox replaces it")
}
ENABLED = Path("/sys/module/apparmor/parameters/enabled")
AA_EXEC = Path("/usr/bin/aa-exec")


def outside_profile(process: Process) -> list[str]:
    """The words before the program of a row that relaxes AppArmorProfile, where the kernel enforces profiles (aa-exec(1))."""
    if "AppArmorProfile" not in process.sandbox.relax or not AA_EXEC.exists():
        return []
    enforced = ENABLED.exists() and ENABLED.read_text(encoding="ascii").strip() == "Y"
    return [str(AA_EXEC), "-p", "unconfined", "--"] if enforced else []
