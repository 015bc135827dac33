"""The scanner of images: what it reads, and what it will not be brought to do."""

from __future__ import annotations

import io
import os
import signal
import struct
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kindelpost.engines.images import client, daemon

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # the daemon itself has one thread
URL = "https://portal.example.com/login?u=1"


def picture(text: str = URL, *, scale: int = 4) -> Image.Image:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=scale)
    return Image.fromarray(code).convert("L")


def saved(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    sink = io.BytesIO()
    image.save(sink, kind, **how)
    return sink.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_code_is_read_in_every_kind_that_mail_programs_show(kind: str) -> None:
    assert daemon.codes(saved(picture(), kind)) == [URL]


def test_a_code_is_read_in_a_photograph_turned_inverted_and_on_nothing() -> None:
    wall = Image.effect_noise((1500, 1500), 60)
    wall.paste(picture().rotate(20, expand=True, fillcolor=255), (400, 700))
    assert daemon.codes(saved(wall, "JPEG", quality=70)) == [URL]
    assert daemon.codes(saved(picture().point(lambda dot: 255 - dot))) == [URL]
    glass = Image.new("LA", picture().size, (0, 0))
    glass.putalpha(picture().point(lambda dot: 255 - dot))
    assert daemon.codes(saved(glass)) == [URL]


def test_a_code_in_a_later_frame_is_read() -> None:
    blank = Image.new("L", picture().size, 255)
    assert daemon.codes(saved(blank, "GIF", save_all=True, append_images=[picture()])) == [URL]


def test_a_code_of_several_lines_is_one_line() -> None:
    assert daemon.codes(saved(picture("BCD\n002\nEE00"))) == ["BCD 002 EE00"]


@pytest.mark.parametrize("data", [b"", b"no image", saved(picture())[:40], b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_what_is_no_image_has_no_codes(data: bytes) -> None:
    assert daemon.codes(data) == []


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 300), byte=st.integers(0, 255))
def test_a_broken_image_is_no_error(at: int, byte: int) -> None:
    data = bytearray(client.SAMPLE)
    data[at % len(data)] = byte
    with suppress(daemon.TooLarge):
        assert isinstance(daemon.codes(bytes(data)), list)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred kilobytes at most that says it is this large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_more_pixels_than_may_be_decoded_are_not_decoded() -> None:
    with pytest.raises(daemon.TooLarge):
        daemon.codes(bomb(60_000, 60_000))


def busy(_data: bytes) -> list[str]:
    while True:
        pass


def greedy(_data: bytes) -> list[str]:
    return [str(len(bytes(2 * daemon.MEMORY)))]


def crashing(_data: bytes) -> list[str]:
    os.kill(os.getpid(), signal.SIGKILL)
    return []


def test_an_answer_has_a_line_for_each_code() -> None:
    assert daemon.guarded(client.SAMPLE) == ["OK", client.SAMPLE_TEXT]
    assert daemon.guarded(b"no image") == ["OK"]


@pytest.mark.parametrize("decoder", [busy, greedy, crashing])
def test_a_decoder_that_misbehaves_is_ended_and_said(
    decoder: Callable[[bytes], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon, "SECONDS", 1)
    monkeypatch.setattr(daemon, "codes", decoder)
    assert daemon.guarded(b"") == ["LIMIT more than may be decoded"]


def test_what_is_too_large_is_said() -> None:
    assert daemon.guarded(bomb(60_000, 60_000)) == ["LIMIT more than may be decoded"]
