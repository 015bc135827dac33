"""Reads QR codes: an image in, the texts of its codes out.

    caller: four bytes, big-endian: the length of the image; then the image
    answer: {"texts": […]} or {"skipped": why}, one line of JSON

`python -m kindelpost.engines.images.daemon LIMITS`. An image is read in a child process that is cut off by time, memory and
pixels: whatever a decoder can be made to do ends there.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import socketserver
import struct
import sys
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zxingcpp
from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from io import BufferedIOBase

__all__ = ["Limits", "answer", "decode", "read_image"]

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")  # no others of Pillow's many readers
LENGTH = struct.Struct(">I")
MOST_CODES, MOST_TEXT = 16, 2000


@dataclass(frozen=True)
class Limits:
    """What one image may cost."""

    bytes: int
    pixels: int
    seconds: int
    memory_bytes: int
    at_once: int


def decode(content: bytes, pixels: int) -> dict[str, Any]:
    """The texts of the codes in an image. What is no image holds none."""
    Image.MAX_IMAGE_PIXELS = pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            found = zxingcpp.read_barcodes(image.convert("L"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"skipped": "more pixels than are looked at"}
    except UnidentifiedImageError:
        return {"texts": []}
    except (OSError, ValueError, SyntaxError) as broken:  # a truncated or malformed file
        return {"skipped": f"it cannot be read: {type(broken).__name__}"}
    return {"texts": [code.text[:MOST_TEXT] for code in found[:MOST_CODES] if code.text]}


def answer(content: bytes, limits: Limits) -> dict[str, Any]:
    """The same, in a child that may not take longer or more memory than its limits."""
    out, into = os.pipe()
    pid = os.fork()
    if not pid:
        _child(content, limits, into)
    os.close(into)
    with os.fdopen(out, "rb") as source:
        said = source.read()
    os.waitpid(pid, 0)
    try:
        found: dict[str, Any] = json.loads(said)
    except ValueError:
        return {"skipped": "it took too much time or memory"}
    return found


def _child(content: bytes, limits: Limits, into: int) -> None:
    """Decode, write, end; nothing else of the parent is used."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits.seconds)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    try:
        os.write(into, json.dumps(decode(content, limits.pixels)).encode())
    finally:
        os._exit(0)


def read_image(stream: BufferedIOBase, most: int) -> bytes | None:
    """The image that a caller sends; None where it is too large. Raises `ConnectionError` where it ends early."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise ConnectionError("no length was sent")
    (size,) = LENGTH.unpack(head)
    if size > most:
        return None
    content = stream.read(size)
    if len(content) < size:
        raise ConnectionError("the image ended early")
    return content


class Server(socketserver.ThreadingUnixStreamServer):
    """A thread a caller; a few images at once."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: str, limits: Limits) -> None:
        """Listen at `path`."""
        Path(path).unlink(missing_ok=True)
        os.umask(0o117)
        super().__init__(path, Caller)
        self.limits, self.room = limits, threading.BoundedSemaphore(limits.at_once)


class Caller(socketserver.StreamRequestHandler):
    """One image of one caller."""

    timeout = 30
    server: Server

    def handle(self) -> None:
        """Read, decode, answer; a caller who hangs up is forgotten."""
        limits = self.server.limits
        try:
            content = read_image(self.rfile, limits.bytes)
            with self.server.room:
                found = {"skipped": "more bytes than are looked at"} if content is None else answer(content, limits)
            self.wfile.write(json.dumps(found).encode() + b"\n")
        except OSError:
            return


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Server(given.pop("socket"), Limits(**given)).serve_forever()
