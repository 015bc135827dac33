"""The store of evidence: lines are appended under a lock by any number of processes, and never changed.

A segment a day, `<date>.jsonl`; `heads/<date>.json` is the day's signed head. The format is docs/evidence-format.md's.
"""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindelpost.lib.clock import now
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.files import write_atomic
from kindelpost.practice.chain import GENESIS, fingerprint, line_hash, load_public, parse, public_text, signed
from kindelpost.practice.keys import Keys
from kindelpost.practice.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from kindelpost.practice.verify import Report

__all__ = ["Store", "moment"]

READ_BACK = 1 << 20  # a line is far shorter


def moment(at: datetime) -> str:
    """A time as records carry it: 2026-11-24T09:00:00.000000Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class _Tail:
    """Where the chain ends: the newest segment and its size, the last record's number and hash, what had to be cut off."""

    segment: str = ""
    size: int = 0
    seq: int = 0
    hash: str = GENESIS
    cut: int = 0


class Store:
    """The evidence in `folder`, signed with the key in the file `key` (made at first use, mode 0400)."""

    def __init__(self, folder: Path, key: Path, *, collector: str = "") -> None:
        self.folder = folder
        self.keys = Keys(key)
        self.collector = collector or socket.gethostname()
        self._left = _Tail()  # where we left it, to be believed while the newest segment has that size

    def append(self, *bodies: Mapping[str, Any]) -> list[int]:
        """Write records, all or none, on the disk when it returns; gives their numbers. `bodies` hold what the record says.

        Raises `EngineFault` (`evidence-full`, `evidence-broken`, `evidence-key`).
        """
        with self._locked():
            tail, key = self._ready()
            return self._write(tail, key, bodies)

    def rotate_key(self) -> str:
        """Replace the signing key: the old one introduces the new one and is destroyed. Returns the new fingerprint."""
        with self._locked():
            tail, old = self._ready()
            new = self.keys.prepare()
            self._write(tail, old, [self._introduction(new)])
            self.keys.promote()
            return fingerprint(new.public_key())

    def head(self) -> bytes:
        """Where the chain ends now, signed: a line of JSON without newline."""
        with self._locked():
            return self._head(*self._ready())

    def first_fingerprint(self) -> str:
        """The first key's: what to publish, so that a whole chain of somebody else's is not taken for ours."""
        with self.snapshot() as (_head, lines, _key):
            return fingerprint(load_public(parse(next(lines).rstrip(b"\n"))["public"]))

    def write_head(self) -> Path | None:
        """Keep today's head, once a day; returns the new file."""
        path = self.folder / "heads" / f"{now().date().isoformat()}.json"
        if path.exists():
            return None
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomic(path, self.head() + b"\n", mode=0o600)
        return path

    @contextmanager
    def snapshot(self) -> Iterator[tuple[bytes, Iterator[bytes], Ed25519PrivateKey]]:
        """The head, every line up to it, and the key that signed it; writers go on meanwhile."""
        with self._locked():
            tail, key = self._ready()
            head = self._head(tail, key)
            ends = [(name, (self.folder / name).stat().st_size) for name in self._segments()]
        yield head, self._lines(ends), key

    def find(self, seq: int) -> dict[str, Any] | None:
        """The record with this number; None where there is none yet. Segments are asked from the newest on."""
        for name in reversed(self._segments() if self.folder.is_dir() else []):
            with (self.folder / name).open("rb") as segment:
                for at, line in enumerate(segment):
                    if not line.endswith(b"\n"):
                        break  # being written
                    record = parse(line[:-1])
                    if record["seq"] == seq:
                        return record
                    if at == 0 and record["seq"] > seq:
                        break  # it is in an older one
        return None

    def last(self, octets: int) -> Iterator[bytes]:
        """The newest whole lines, about `octets` of them, oldest first; writers go on meanwhile."""
        wanted: list[tuple[str, int]] = []
        for name in reversed(self._segments() if self.folder.is_dir() else []):
            size = (self.folder / name).stat().st_size
            wanted.insert(0, (name, max(0, size - octets)))
            octets -= size
            if octets <= 0:
                break
        for name, start in wanted:
            with (self.folder / name).open("rb") as segment:
                segment.seek(max(0, start - 1))
                if start:
                    segment.readline()  # the rest of a line that began before
                yield from (line[:-1] for line in segment if line.endswith(b"\n"))

    def verify(self) -> Report:
        """Verify the whole store, its heads too. Raises `verify.Broken`."""
        heads = [path.read_bytes().strip() for path in sorted((self.folder / "heads").glob("*.json"))]
        with self.snapshot() as (_head, lines, _key):
            return verify(lines, sealed=False, heads=heads)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _ready(self) -> tuple[_Tail, Ed25519PrivateKey]:
        """The end of the chain, mended where a dead writer left half a line, and the key; an empty chain gets its first."""
        tail = self._tail()
        key = self.keys.load(new=tail.seq == 0, introduced=self._introduced)
        if tail.seq == 0:
            self._write(tail, key, [self._introduction(key)])
            tail = self._tail()
        if tail.cut:
            self._write(tail, key, [{"type": "repair", "at": moment(now()), "segment": tail.segment, "cut": tail.cut}])
            tail = self._tail()
        return tail, key

    def _head(self, tail: _Tail, key: Ed25519PrivateKey) -> bytes:
        at = now()
        said = {"type": "head", "date": at.date().isoformat(), "at": moment(at), "seq": tail.seq, "hash": tail.hash}
        return signed({**said, "collector": self.collector}, key)

    @staticmethod
    def _introduction(key: Ed25519PrivateKey) -> dict[str, Any]:
        return {"type": "key", "at": moment(now()), "public": public_text(key.public_key())}

    def _introduced(self) -> str:
        """The newest key that the chain introduces, as its record carries it."""
        for name in reversed(self._segments()):
            lines = (self.folder / name).read_bytes().splitlines()
            found = [parse(line)["public"] for line in lines if b'"type":"key"' in line and parse(line)["type"] == "key"]
            if found:
                return str(found[-1])
        return ""

    def _segments(self) -> list[str]:
        return sorted(name for name in os.listdir(self.folder) if name.endswith(".jsonl"))  # noqa: PTH208 -- names are wanted

    def _lines(self, ends: Sequence[tuple[str, int]]) -> Iterator[bytes]:
        for name, end in ends:
            with (self.folder / name).open("rb") as source:
                left = end
                while left > 0 and (line := source.readline()):
                    left -= len(line)
                    yield line

    def _tail(self) -> _Tail:
        for name in reversed(self._segments()):
            size = (self.folder / name).stat().st_size
            left = self._left
            tail = left if (left.segment, left.size) == (name, size) else self._read_tail(name, size)
            if tail.seq:
                return tail
        return _Tail()

    def _read_tail(self, name: str, size: int) -> _Tail:
        with (self.folder / name).open("r+b") as segment:
            segment.seek(max(0, size - READ_BACK))
            block = segment.read()
            whole = block[: block.rfind(b"\n") + 1]
            cut = len(block) - len(whole)
            if cut:
                segment.truncate(size - cut)
        if not whole:
            return _Tail(segment=name, cut=cut)
        line = whole[:-1].rpartition(b"\n")[2]
        try:
            seq = int(parse(line)["seq"])
        except (ValueError, KeyError) as error:
            hint = "See `kindelpost evidence verify`; put the segment back from its copy."
            raise EngineFault("evidence-broken", f"The last record of {name} cannot be read: {error}", hint) from error
        return _Tail(name, size - cut, seq, line_hash(line), cut)

    def _write(self, tail: _Tail, key: Ed25519PrivateKey, bodies: Sequence[Mapping[str, Any]]) -> list[int]:
        lines, seq, prev = [], tail.seq, tail.hash
        for body in bodies:
            seq += 1
            line = signed({**body, "seq": seq, "prev": prev, "collector": self.collector}, key)
            prev = line_hash(line)
            lines.append(line + b"\n")
        name = max(f"{now().date().isoformat()}.jsonl", tail.segment)  # a clock that was put back makes no earlier segment
        size = self._put(name, b"".join(lines))
        self._left = _Tail(name, size, seq, prev)
        return list(range(tail.seq + 1, seq + 1))

    def _put(self, name: str, data: bytes) -> int:
        """Append and fsync; where that fails nothing of it stays. Returns the segment's size."""
        path = self.folder / name
        new = not path.exists()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", 0) as segment:
            before = segment.tell()
            try:
                left = memoryview(data)
                while left:
                    left = left[segment.write(left) :]
                os.fsync(segment.fileno())
            except OSError as error:
                os.ftruncate(segment.fileno(), before)
                raise EngineFault("evidence-full", f"Evidence cannot be written: {error}", "Make room on the disk.") from error
        if new:
            self._sync_folder()
        return before + len(data)

    def _sync_folder(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
