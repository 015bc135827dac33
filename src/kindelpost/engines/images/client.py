"""Asking the scanner of images, and a code that it must be able to read."""

from __future__ import annotations

import base64
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SAMPLE", "SAMPLE_TEXT", "scan"]

SAMPLE_TEXT = "https://qr.invalid/kindelpost"  # nobody can have that name (RFC 6761 §6.4)
SAMPLE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAGMAAABjAQAAAACnQIM4AAABF0lEQVR42tVUS0rDUBQ9tw3EiX1dQGIK3UQKhXTWFbgPrfMm3YB2Bd2HswQCce"
    "YKhIRs4L04iRA9DnWUm6He2YPDPZ97eEL8TDPD7/lbLyeSFZIVMtOQwoH7oPNpVYZiJX17A8kmaOnQHKap5mZupyCT2lSfj6DKTvG6l233Ictx"
    "pAdDoAAS6nnuGpOWC3gKErQ+v+J6EcOwVtjz8PZp/pCsL+rOuLXxkLJ14ztnMFW49NdyFUxw1PK5FIeL2pA8NPvt9c7r9IbQApK/Wc2Ry2GqGg"
    "jScUcgSde3J0bUkBa4Q+SqSE1JOAjrc4yzrjM4xgACo+0EIPlw9NvDlM4bvPeNnhKH+4qu1x1RPG5WeC2Vu8s/+cG+AerohhkSMH6+AAAAAElF"
    "TkSuQmCC"
)


def scan(path: Path, image: bytes, timeout: float = 4.0) -> list[str]:
    """The answer's lines for one image (`daemon`). Raises OSError when nobody answers."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(timeout)
        door.connect(str(path))
        door.sendall(struct.pack(">I", len(image)) + image)
        answer = b""
        while not answer.endswith(b"\0"):
            part = door.recv(65536)
            if not part:
                raise ConnectionResetError("it closed without an answer")
            answer += part
    return answer[:-1].decode().split("\n")
