"""Reads the QR codes of one image a connection. Run as `python -m kindelpost.engines.images.daemon SOCKET BYTES`.

Asked: four bytes of length (big-endian), the image. Answered, and ended by a NUL: the line `OK`, or `LIMIT` and why it could
not be looked at whole, then a line for each code. What is no image that mail programs show has no codes.
"""

from __future__ import annotations

import io
import os
import resource
import select
import signal
import socketserver
import struct
import sys
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import zxingcpp
from PIL import Image, ImageFile, ImageSequence, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PIXELS", "codes", "guarded", "main"]

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
PIXELS = 40_000_000
DRAFT = (3000, 3000)  # a larger photograph is decoded at half, a quarter or an eighth of its size, which costs as much less
FRAMES = 10
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
CODES = 20
TEXT = 2000  # characters of one code; the standard's largest holds 4,296
SECONDS, MEMORY = 6, 800_000_000
PATIENCE = 15.0  # for the asker to send its image
FOUND, TOO_LARGE = 0, 3


class TooLarge(Exception):
    """More pixels than may be decoded."""


def codes(data: bytes) -> list[str]:
    """The texts of the QR codes in an image, a line each. Raises `TooLarge`."""
    Image.MAX_IMAGE_PIXELS = None  # ours is held below, before anything is decoded
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # mail programs show them, too
    found: dict[str, None] = {}
    with suppress(UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):  # Pillow's words for what is broken
        for frame in islice(_frames(data), FRAMES):
            barcodes = zxingcpp.read_barcodes(_grey(frame), formats=QR)
            found |= dict.fromkeys(" ".join(each.text.split())[:TEXT].replace("\0", "") for each in barcodes)
    return list(found)[:CODES]


def _frames(data: bytes) -> Iterator[Image.Image]:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        image.draft("L", DRAFT)
        if image.width * image.height > PIXELS:
            raise TooLarge
        yield from ImageSequence.Iterator(image)


def _grey(frame: Image.Image) -> Image.Image:
    """In shades of grey, on white as mail programs show it."""
    if not frame.has_transparency_data:
        return frame.convert("L")
    shown = frame.convert("RGBA")
    paper = Image.new("L", frame.size, 255)
    paper.paste(shown.convert("L"), mask=shown.getchannel("A"))
    return paper


def guarded(data: bytes) -> list[str]:
    """The answer's lines: `codes` in a process that is killed when it takes too long or too much."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _decode(data, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        if not select.select([pipe], [], [], 2 * SECONDS)[0]:
            os.kill(child, signal.SIGKILL)
        said = pipe.read()
    status = os.waitpid(child, 0)[1]
    if os.waitstatus_to_exitcode(status) == FOUND:
        return ["OK", *said.decode().splitlines()]
    return ["LIMIT more than may be decoded"]


def _decode(data: bytes, writing: int) -> None:
    """In the child; never returns."""
    code = TOO_LARGE
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        said = "\n".join(codes(data)).encode(errors="replace")
        os.write(writing, said)
        code = FOUND
    finally:
        os._exit(code)


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.request.settimeout(PATIENCE)
        stream = self.request.makefile("rb")
        size = struct.unpack(">I", stream.read(4))[0]
        if size > self.server.limit:
            lines = ["LIMIT larger than a message may be"]
        else:
            data = stream.read(size)
            if len(data) < size:
                return
            lines = guarded(data)
        self.request.sendall("\n".join(lines).encode() + b"\0")


class _Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    max_children = 2 * (os.cpu_count() or 1)
    request_queue_size = 128
    limit = 0

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 -- socketserver's hook
        """One line; the asker gets no answer."""
        sys.stderr.write(f"an image was not answered: {sys.exception()!r}\n")


def main(path: Path, limit: int) -> None:
    """Serve until a signal ends it."""
    with suppress(FileNotFoundError):
        path.unlink()
    with _Server(str(path), _Handler) as server:
        server.limit = limit
        path.chmod(0o660)
        server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
