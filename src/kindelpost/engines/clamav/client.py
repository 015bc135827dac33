"""clamd's protocol as far as we need it: one command, or one stream to scan, over its Unix socket (clamd(8))."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ask", "scan"]


def _exchange(path: Path, data: bytes, timeout: float) -> str:
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(timeout)
        door.connect(str(path))
        door.sendall(data)
        answer = b""
        while not answer.endswith(b"\0"):
            part = door.recv(4096)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0").decode(errors="replace")


def ask(path: Path, command: str, timeout: float = 4.0) -> str:
    """The answer to a command such as `VERSION`. Raises OSError when clamd is not there or silent."""
    return _exchange(path, f"z{command}\0".encode(), timeout)


def scan(path: Path, content: bytes, timeout: float = 4.0) -> str:
    """The verdict on `content`: "OK", or "NAME FOUND", or "… ERROR". Raises OSError when clamd is not there or silent."""
    chunk = struct.pack(">I", len(content)) + content + struct.pack(">I", 0)
    return _exchange(path, b"zINSTREAM\0" + chunk, timeout).removeprefix("stream: ")
