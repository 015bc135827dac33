"""ClamAV's own reading of the staged files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["validate"]


def validate(facts: Facts, staged: Path) -> list[str]:
    """Complaints of `clamconf` about clamd.conf and freshclam.conf; an unknown or deprecated option is one.

    clamconf also looks for clamav-milter.conf, which we have not; it ends with 0 whatever it finds.
    """
    del facts
    said = run(["clamconf", f"--config-dir={staged}"], check=False, timeout=20).said
    complaints = [line for line in said.splitlines() if re.match(r"\s*(ERROR|WARNING)\b", line) and "milter" not in line]
    complaints += [f"clamconf did not read {name}" for name in ("clamd.conf", "freshclam.conf") if not _read(said, name)]
    return complaints


def _read(said: str, name: str) -> bool:
    return f"Config file: {name}" in said and f"{name} not found" not in said
