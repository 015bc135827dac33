"""What one account can reach, tried by itself. Standard library only, run by path under that account.

attempt.py read|write|list|connect  <paths as a JSON list   >results as a JSON list: "done", or errno's name
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEEDS", "attempt"]


def attempt(act: str, path: str) -> str:
    """Open, list or connect, and leave at once; nothing is changed, nothing waits."""
    try:
        DEEDS[act](path)
    except OSError as refused:
        return errno.errorcode.get(refused.errno or 0, "EUNKNOWN")
    return "done"


def _connect(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(2)
        channel.connect(path)


def _open(path: str, flags: int) -> None:
    os.close(os.open(path, flags | os.O_NONBLOCK))


DEEDS: dict[str, Callable[[str], object]] = {
    "read": lambda path: _open(path, os.O_RDONLY),
    "write": lambda path: _open(path, os.O_WRONLY),
    "list": os.listdir,
    "connect": _connect,
}


if __name__ == "__main__":
    json.dump([attempt(sys.argv[1], path) for path in json.load(sys.stdin)], sys.stdout)
