"""The image scanner reads codes and nothing else, and no image costs more than its limits."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest
from PIL import Image

from kindelpost.config.service import Service
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.images import daemon
from kindelpost.engines.images.probe import picture
from kindelpost.engines.images.render import LIMITS, directories, processes, render
from kindelpost.engines.images.validate import validate

FACTS = Facts(Layout(Path("/srv/kindelpost")), Service())
CODE = picture("https://a.example/")
SMALL = daemon.Limits(bytes=10_000, pixels=1_000_000, seconds=1, memory_bytes=1_500_000_000, at_once=1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_code_is_read_in_every_common_kind_of_image(kind: str) -> None:
    assert daemon.decode(picture("https://a.example/", kind), 1_000_000) == {"texts": ["https://a.example/"]}


def test_what_is_no_image_holds_no_code() -> None:
    assert daemon.decode(b"no image", 1_000_000) == {"texts": []}


def test_what_is_cut_off_or_too_large_is_skipped_and_said_so() -> None:
    assert "skipped" in daemon.decode(CODE[:300], 1_000_000)
    assert daemon.decode(CODE, 100) == {"skipped": "more pixels than are looked at"}


def test_a_format_that_is_not_on_the_list_is_not_opened() -> None:
    sink = io.BytesIO()
    Image.new("RGB", (20, 20)).save(sink, "PPM")
    assert daemon.decode(sink.getvalue(), 1_000_000) == {"texts": []}


def test_an_image_is_read_apart_and_cut_off_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert daemon.answer(CODE, SMALL) == {"texts": ["https://a.example/"]}
    monkeypatch.setattr(daemon, "decode", lambda *_words: time.sleep(20))
    begun = time.monotonic()
    assert daemon.answer(CODE, SMALL) == {"skipped": "it took too much time or memory"}
    assert time.monotonic() - begun < 10


def test_a_caller_sends_a_length_and_as_much() -> None:
    def sent(raw: bytes) -> bytes | None:
        return daemon.read_image(io.BytesIO(raw), 100)

    assert sent(b"\0\0\0\3abc") == b"abc"
    assert sent(b"\0\1\0\0") is None
    for early in (b"", b"\0\0", b"\0\0\0\5abc"):
        with pytest.raises(ConnectionError):
            sent(early)


def test_the_limits_are_rendered_and_checked(tmp_path: Path) -> None:
    text = render(FACTS)["limits.json"].text
    (tmp_path / "limits.json").write_text(text)
    assert validate(FACTS, tmp_path) == []
    assert json.loads(text) == {"socket": "/srv/kindelpost/run/images/images.sock", **LIMITS}
    (tmp_path / "limits.json").write_text(json.dumps({**LIMITS, "pixels": 0}))
    assert validate(FACTS, tmp_path) == ["pixels is no limit"]


def test_it_has_no_network_and_shares_its_socket_with_the_filter_alone() -> None:
    (row,) = processes(FACTS)
    assert not row.sandbox.network
    assert not row.sandbox.capabilities
    (folder,) = directories(FACTS)
    assert (folder.owner, folder.group, folder.mode) == ("kp-images", "kp-rspamd", 0o2750)
