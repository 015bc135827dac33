"""Verifying evidence alone: no database, no network, no Django; the standard library and `cryptography` suffice."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from cryptography.exceptions import InvalidSignature

from kindelpost.practice.chain import GENESIS, canonical, fingerprint, key_id, line_hash, load_public, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import BinaryIO

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Record = dict[str, Any]

__all__ = ["Broken", "Gap", "Report", "verify", "verify_file"]

P = ParamSpec("P")
T = TypeVar("T")
LONGEST_LINE = 1 << 20
WITHHELD = {"type", "seq", "prev", "hash"}
MOST_GAPS = 1000


class Broken(Exception):
    """The evidence does not hold: at which line (from 1) and record, and why."""

    def __init__(self, line: int, seq: int, why: str) -> None:
        super().__init__(f"line {line}, record {seq}: {why}")
        self.line, self.seq, self.why = line, seq, why


@dataclass(frozen=True)
class Gap:
    """A check was silent for longer than its results hold: nothing is proven between `since` and `until`."""

    check: str
    target: str
    since: datetime
    until: datetime


@dataclass
class Report:
    """What held: `records` of the chain, of which `shown` are whole; the first key's fingerprint is what to compare.

    `gaps` names the first thousand, `silent` counts all of them.
    """

    records: int = 0
    shown: int = 0
    fingerprint: str = ""
    keys: int = 0
    client: str | None = None
    hash: str = GENESIS
    sealed_at: str = ""
    silent: int = 0
    gaps: list[Gap] = field(default_factory=list)


def verify_file(source: BinaryIO, *, expect: str = "", heads: Sequence[bytes] = ()) -> Report:
    """Verify an export: it must begin with a key, hang together, and end with its seal. Raises `Broken`.

    `expect` is the fingerprint that the provider published, `heads` are heads kept earlier: their records must still be there
    (`ValueError` where one is no head).
    """
    return verify(iter(lambda: source.readline(LONGEST_LINE + 1), b""), expect=expect, heads=heads)


def verify(lines: Iterable[bytes], *, sealed: bool = True, expect: str = "", heads: Sequence[bytes] = ()) -> Report:
    """The same for lines with their newlines; without `sealed` they are a store's, which has no end."""
    walk = _Walk(heads)
    for line in lines:
        walk.guard(walk.take, line)
    return walk.guard(walk.finish, sealed, expect)


class _Walk:
    """One pass over the lines; `number` and `seq` say where it stands."""

    def __init__(self, heads: Sequence[bytes]) -> None:
        self.report = Report()
        self.keys: dict[str, Ed25519PublicKey] = {}
        self.key = ""
        self.number, self.seq = 0, 0
        self.digest = hashlib.sha256()
        self.over = False
        self.last: dict[tuple[str, str, str], tuple[datetime, str]] = {}
        self.heads: dict[int, list[Record]] = {}
        for head in map(parse, heads):
            if head.get("type") != "head" or not isinstance(head.get("seq"), int):
                raise ValueError("what was kept earlier is no head")
            self.heads.setdefault(head["seq"], []).append(head)

    def guard(self, step: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Take a step; whatever is wrong names the place."""
        try:
            return step(*given, **named)
        except InvalidSignature as error:
            raise Broken(self.number, self.seq, "the signature does not fit: it was altered") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            raise Broken(self.number, self.seq, f"it cannot be read: {error}") from error

    def broken(self, why: str) -> Broken:
        return Broken(self.number, self.seq, why)

    def take(self, raw: bytes) -> None:
        self.number += 1
        if self.over:
            raise self.broken("something follows the seal")
        if not raw.endswith(b"\n"):
            self.seq += 1
            raise self.broken("the line is cut off")
        line = raw[:-1]
        wanted = self.seq + 1
        self.seq = wanted
        record = parse(line)
        if record.get("type") == "seal":
            self.seq -= 1
            self.seal(record)
            return
        self.digest.update(raw)
        self.follow(record, wanted)
        self.read(record, line)

    def follow(self, record: Record, wanted: int) -> None:
        """It is the next one of the chain."""
        if record["seq"] != wanted:
            raise self.broken(f"it is missing: record {record['seq']} stands in its place")
        if record["prev"] != self.report.hash:
            raise self.broken("it does not follow the record before it: one of the two was altered")

    def read(self, record: Record, line: bytes) -> None:
        if record["type"] == "withheld":
            if set(record) != WITHHELD or not self.keys:
                raise self.broken("a withheld record has other fields than it may")
            self.report.hash = record["hash"]
        else:
            self.check_signature(record, self.introduce(record))
            self.report.shown += 1
            self.report.hash = line_hash(line)
            self.watch(record)
        self.report.records = self.seq
        self.compare_head()

    def introduce(self, record: Record) -> str:
        """The id of the key that must have signed the record; a key record makes its own key the next ones'."""
        signer = self.key
        if record["type"] == "key":
            public = load_public(record["public"])
            if not self.key:
                signer, self.report.fingerprint = key_id(public), fingerprint(public)
            self.key = key_id(public)
            self.keys[self.key] = public
        if not signer:
            raise self.broken("the first record introduces no key")
        return signer

    def check_signature(self, record: Record, signer: str) -> None:
        if record["key"] != signer:
            raise self.broken(f"it is signed with the key {record['key']}, not with {signer}")
        unsigned = {key: value for key, value in record.items() if key != "sig"}
        self.keys[signer].verify(base64.b64decode(record["sig"], validate=True), canonical(unsigned))

    def watch(self, record: Record) -> None:
        """Was the check silent for longer than its last result holds?"""
        if record["type"] not in {"result", "retired"}:
            return
        target = record["target"]
        key = (record["check"], target["kind"], target["id"])
        if record["type"] == "retired":
            self.last.pop(key, None)
            return
        if key in self.last:
            self.silence(key, datetime.fromisoformat(record["started"]))
        holds = datetime.fromisoformat(record["ended"]) + timedelta(seconds=record["ttl_s"])
        self.last[key] = (holds, target["label"])

    def silence(self, key: tuple[str, str, str], until: datetime) -> None:
        since, label = self.last[key]
        if until > since:
            self.report.silent += 1
            if len(self.report.gaps) < MOST_GAPS:
                self.report.gaps.append(Gap(key[0], label, since, until))

    def compare_head(self) -> None:
        for head in self.heads.pop(self.seq, ()):
            if head["hash"] != self.report.hash:
                raise self.broken(f"it is not the one of the head of {head['date']}: history was rewritten")
            self.check_signature(head, head["key"])

    def seal(self, record: Record) -> None:
        """The last line covers the whole file: what it says and how much of it there is."""
        if (record["records"], record["hash"]) != (self.report.records, self.report.hash):
            raise self.broken(f"the chain ends here, but its seal says record {record['records']}")
        if record["digest"] != self.digest.hexdigest():
            raise self.broken("the seal does not fit what stands before it: a record was altered or hidden")
        self.check_signature(record, self.key)
        at = datetime.fromisoformat(record["at"])
        for key in self.last:
            self.silence(key, at)
        self.report.sealed_at = record["at"]
        self.report.client = record["client"] and record["client"]["slug"]
        self.over = True

    def finish(self, sealed: bool, expect: str) -> Report:  # noqa: FBT001 -- called by guard alone
        if sealed and not self.over:
            raise self.broken("the file ends after it without a seal: its end was cut off")
        if self.heads:
            raise self.broken(f"record {min(self.heads)}, which a head names, is not there: the end was cut off")
        if expect and expect.lower().replace(":", "") != self.report.fingerprint:
            raise Broken(1, 1, f"the first key's fingerprint is {self.report.fingerprint}, not the expected one")
        self.report.keys = len(self.keys)
        self.report.gaps.sort(key=lambda gap: gap.since.astimezone(UTC))
        return self.report
