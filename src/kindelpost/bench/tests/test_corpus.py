from __future__ import annotations

import email
import email.policy
import io
import zipfile

import pytest

from kindelpost.bench.corpus import SIZES, letters

TO = ("mari@kadakas.example", "jaan@kadakas.example")


@pytest.mark.parametrize("kind", SIZES)
def test_a_message_is_nearly_as_large_as_its_name_says(kind: str) -> None:
    assert all(abs(len(letter.wire) - SIZES[kind]) < SIZES[kind] * 0.1 for letter in letters(kind, 4, TO, "seed"))


@pytest.mark.parametrize("kind", SIZES)
def test_the_wire_form_ends_once_and_holds_no_bare_newline_and_no_long_line(kind: str) -> None:
    wire = next(letters(kind, 1, TO, "seed")).wire
    assert wire.endswith(b"\r\n.\r\n")
    assert wire.count(b"\r\n.\r\n") == 1
    assert wire.count(b"\n") == wire.count(b"\r\n")
    assert max(map(len, wire.split(b"\r\n"))) < 998  # RFC 5322 §2.1.1


def test_the_same_seed_makes_the_same_texts_and_every_message_differs() -> None:
    once, again = (list(letters("5 KB", 6, TO, "seed")) for _ in range(2))
    assert [one.identity for one in once] == [one.identity for one in again]
    assert len({one.identity for one in once}) == 6
    assert len({one.wire.partition(b"\r\n\r\n")[2] for one in once}) == 6
    assert [one.recipient for one in once] == [*TO] * 3


def test_a_large_message_carries_a_real_archive() -> None:
    wire = next(letters("1 MB", 1, TO, "seed")).wire
    message = email.message_from_bytes(wire, policy=email.policy.default)
    archive = next(part for part in message.walk() if part.get_content_type() == "application/zip")
    data = archive.get_payload(decode=True)
    assert isinstance(data, bytes)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
