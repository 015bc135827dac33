"""The corpus: messages of 5 KB, 25 KB and 1 MB from a seeded generator. All differ, so that no cache of digests helps."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["SENDER", "SIZES", "Letter", "letters"]

SENDER = "liis@outside.example"
SIZES = {"5 KB": 5_000, "25 KB": 25_000, "1 MB": 1_000_000}
ATTACHED = 100_000  # from this size on most of it is an attachment
LINE = 12  # words a line
VOWELS, CONSONANTS = "aeiouõäöü", "bdghjklmnprstv"
HEAD = (
    "From: Liis Lepik <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: <{identity}>\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary="{edge}"\r\n\r\n'
)
PART = "--{edge}\r\nContent-Type: {type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"


@dataclass(frozen=True)
class Letter:
    """One message as it goes over the wire after DATA, its dots doubled, its end included."""

    identity: str
    recipient: str
    wire: bytes


def letters(kind: str, count: int, recipients: Sequence[str], seed: str) -> Iterator[Letter]:
    """`count` messages of the size called `kind`, to one recipient after the other; the same seed makes the same messages."""
    source = random.Random(f"{seed} {kind}")  # noqa: S311 -- varied, not secret
    words = _vocabulary()
    for number in range(count):
        identity = f"{seed}.{kind.replace(' ', '').lower()}.{number}@outside.example"
        yield _letter(source, words, SIZES[kind], identity, recipients[number % len(recipients)])


def _vocabulary() -> list[str]:
    source = random.Random("vocabulary")  # noqa: S311 -- varied, not secret
    syllables = [consonant + vowel for consonant in CONSONANTS for vowel in VOWELS]
    return ["".join(source.choices(syllables, k=source.randint(1, 4))) for _ in range(4000)]


def _letter(source: random.Random, words: list[str], size: int, identity: str, to: str) -> Letter:
    edge = f"edge{source.getrandbits(64):x}"
    large = size >= ATTACHED
    head = HEAD.format(
        sender=SENDER,
        to=to,
        subject=" ".join(_ascii(word) for word in source.choices(words, k=5)),
        date=formatdate(),
        identity=identity,
        kind="mixed" if large else "alternative",
        edge=edge,
    )
    text_bytes = 5_000 if large else size // 2 - 400
    text = _text(source, words, text_bytes)
    parts = [_part(edge, "text/plain; charset=utf-8", "8bit", text)]
    if large:
        kind = 'application/zip; name="aruanne.zip"'
        parts.append(_part(edge, kind, "base64", _zip(source, (size - text_bytes - 1_500) * 3 // 4 * 76 // 78)))
    else:
        rows = "\r\n".join(f"<p>{line}</p>" for line in text.split("\r\n"))
        parts.append(_part(edge, "text/html; charset=utf-8", "8bit", f"<html><body>\r\n{rows}\r\n</body></html>"))
    wire = f"{head}{''.join(parts)}--{edge}--\r\n".replace("\r\n.", "\r\n..") + ".\r\n"
    return Letter(identity, to, wire.encode())


def _part(edge: str, kind: str, encoding: str, body: str) -> str:
    return PART.format(edge=edge, type=kind, encoding=encoding, body=body)


def _ascii(word: str) -> str:
    return word.translate(str.maketrans("õäöü", "oaou"))


def _text(source: random.Random, words: list[str], size: int) -> str:
    lines, length = [], 0
    while length < size:
        lines.append(" ".join(source.choices(words, k=LINE)).capitalize() + ".")
        length += len(lines[-1].encode()) + 2
    return "\r\n".join(lines)


def _zip(source: random.Random, size: int) -> str:
    """A real archive of a file that does not compress, in base64 lines."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("aruanne.bin", source.randbytes(size))
    return base64.encodebytes(held.getvalue()).decode().rstrip("\n").replace("\n", "\r\n")
