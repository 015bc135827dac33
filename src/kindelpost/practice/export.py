"""Evidence for somebody: one file that verifies by itself, with what is not theirs to see replaced by its hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindelpost.lib.clock import now
from kindelpost.practice.chain import canonical, line_hash, parse, signed
from kindelpost.practice.evidence import moment

if TYPE_CHECKING:
    from typing import BinaryIO

    from kindelpost.practice.evidence import Store

__all__ = ["Reader", "export"]

SHARED = {"key", "repair"}  # records that say nothing of anybody


@dataclass(frozen=True)
class Reader:
    """The client for whom evidence is exported. The number tells it from an earlier client of the same name."""

    id: int
    slug: str


def _may_see(record: dict[str, Any], reader: Reader | None) -> bool:
    if reader is None or record["type"] in SHARED:
        return True
    own = (
        record["client"] in {None, reader.id} if not isinstance(record["client"], dict) else record["client"]["id"] == reader.id
    )
    return own and record["sees"] != "provider"


def export(store: Store, sink: BinaryIO, reader: Reader | None = None) -> tuple[int, int]:
    """Write the chain up to now and its seal; without `reader` (the provider) everything. Returns records and those shown."""
    digest, records, shown, last = hashlib.sha256(), 0, 0, ""
    with store.snapshot() as (_head, lines, key):
        for raw in lines:
            line = raw[:-1]
            record = parse(line)
            records, last = record["seq"], line_hash(line)
            if _may_see(record, reader):
                shown += 1
            else:
                raw = canonical({"type": "withheld", "seq": records, "prev": record["prev"], "hash": last}) + b"\n"  # noqa: PLW2901 -- what is written
            digest.update(raw)
            sink.write(raw)
        client = reader and {"id": reader.id, "slug": reader.slug}
        said = {"type": "seal", "at": moment(now()), "client": client, "records": records, "shown": shown, "hash": last}
        sink.write(signed({**said, "digest": digest.hexdigest(), "collector": store.collector}, key) + b"\n")
    return records, shown
