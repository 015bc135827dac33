"""Findings: what does not hold, each with its control's plain words; and the evidence for all of it, as a file."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from django.http import FileResponse

from kindelpost.lib.clock import now
from kindelpost.practice.clauses import controls
from kindelpost.practice.export import export
from kindelpost.practice.queries import checks_for
from kindelpost.practice.registry import control_of
from kindelpost.practice.store import evidence
from kindelpost.practice.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kindelpost.journal.actor import Actor
    from kindelpost.practice.export import Reader

__all__ = ["evidence_response", "findings_of", "with_controls"]

MEMORY = 8_000_000  # octets of an export that are held before it goes to a temporary file

FOUND = (Verdict.FAIL, Verdict.WARN)


def findings_of(actor: Actor, *, client_id: int | None = None) -> list[dict[str, Any]]:
    """What fails or warns among what `actor` may see, worst first; of one client alone where that is asked."""
    judged = [one for one in checks_for(actor) if one.verdict in FOUND]
    return with_controls(one.row() for one in judged if client_id is None or one.state.client_id == client_id)


def with_controls(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each with what its control keeps, in words."""
    return [{**row, "control": controls()[control_of(row["id"])]} for row in rows]


def evidence_response(reader: Reader | None = None) -> FileResponse:
    """What `reader` may see (the provider: everything), in one file that verifies by itself."""
    sink = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=MEMORY))  # noqa: SIM115 -- the response closes it
    export(evidence(), sink, reader)
    sink.seek(0)
    name = f"evidence-{reader.slug if reader else 'provider'}-{now():%Y-%m-%d}.jsonl"
    return FileResponse(sink, as_attachment=True, filename=name, content_type="application/jsonl")
