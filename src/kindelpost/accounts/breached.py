"""Passwords known from breaches: the file of SHA-1 hashes that Have I Been Pwned hands out, asked on this machine alone."""

from __future__ import annotations

import hashlib
import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_breached"]

HASH = 40  # hexadecimal digits before the colon; the lines are ordered by them


def is_breached(password: str, listed: Path) -> bool:
    """Is the password's hash in the file of lines `SHA1:count`, ordered by hash? A bisection: a few dozen reads."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with listed.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as lines:
        low, high = 0, len(lines)
        while low < high:
            middle = (low + high) // 2
            start = lines.rfind(b"\n", 0, middle) + 1
            found = lines[start : start + HASH].upper()
            if found == wanted:
                return True
            end = lines.find(b"\n", middle)
            if found < wanted:
                low = len(lines) if end < 0 else end + 1
            else:
                high = start
    return False
