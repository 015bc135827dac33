"""Where the scanner of images listens and how large an image may be. Pure."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kindelpost.engines.base import File

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["argv", "render", "socket"]


def socket(facts: Facts) -> Path:
    """Where it listens."""
    return facts.layout.run("images") / "images.sock"


def argv(facts: Facts) -> tuple[str, ...]:
    """The daemon of our own environment: its socket, and the bytes of the largest message."""
    limit = str(facts.service.limits.message_bytes)
    return (sys.executable, "-m", "kindelpost.engines.images.daemon", str(socket(facts)), limit)


def render(facts: Facts) -> Mapping[str, File]:
    """Nothing to read: what it was started with, so that other code makes another version, hence a restart."""
    link = facts.layout.code
    code = link.readlink().name if link.is_symlink() else "none"
    return {"started-with": File(f"code {code}\n{' '.join(argv(facts)[1:])}\n")}
