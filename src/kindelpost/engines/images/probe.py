"""Does the image scanner read a code that we made."""

from __future__ import annotations

import io
import json
import socket
import struct
from typing import TYPE_CHECKING, Any

from kindelpost.engines.base import Probe
from kindelpost.engines.images import render

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["ask", "picture", "probe"]

TEXT = "https://kindelpost.invalid/probe"


def picture(text: str, kind: str = "PNG") -> bytes:
    """An image of a QR code with this text."""
    import zxingcpp  # noqa: PLC0415 -- a large library, for this alone
    from PIL import Image  # noqa: PLC0415 -- as above

    drawn: Any = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode), scale=8)
    height, width = drawn.shape
    sink = io.BytesIO()
    Image.frombytes("L", (width, height), bytes(memoryview(drawn))).save(sink, kind)
    return sink.getvalue()


def ask(path: Path, image: bytes) -> dict[str, Any]:
    """What the scanner at `path` says of an image. Raises OSError."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(8)
        door.connect(str(path))
        door.sendall(struct.pack(">I", len(image)) + image)
        with door.makefile("rb") as stream:
            found: dict[str, Any] = json.loads(stream.readline() or b'{"skipped": "it hung up"}')
    return found


def probe(facts: Facts) -> Probe:
    """One image through its socket."""
    try:
        found = ask(render.socket(facts), picture(TEXT))
    except (OSError, ValueError) as fault:
        return Probe(ok=False, said=f"The image scanner does not answer: {fault}. Mail with images is deferred meanwhile.")
    return Probe(ok=found == {"texts": [TEXT]}, said=f"The image scanner read {found.get('texts', found)} in a QR code.")
