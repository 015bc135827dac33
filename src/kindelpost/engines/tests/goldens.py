"""Golden files, and what an engine's two releases take when nothing is set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["assert_golden", "read_defaults"]


def assert_golden(path: Path, text: str) -> None:
    """`text` is what the golden file says, word for word; with KP_WRITE_GOLDEN set, the file is written anew: read its diff."""
    if os.environ.get("KP_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path} tells another story"


def read_defaults(path: Path) -> dict[str, tuple[str, str]]:
    """Setting → its default in Debian 12's and in Debian 13's release; `-` where a release does not know the setting."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {name: (old, new) for name, old, new in rows}
