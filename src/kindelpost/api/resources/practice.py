"""The good practice: sentences, checks, evidence."""

from __future__ import annotations

from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query
from pydantic import Field

from kindelpost.accounts.actions.tokens import Area
from kindelpost.api.access import who
from kindelpost.api.pages import Listing, Page, page_of
from kindelpost.api.routing import Resource
from kindelpost.api.shapes import Check, Clause, Name, Plain, Verdict
from kindelpost.lib.errors import Refused
from kindelpost.practice.export import Reader, export
from kindelpost.practice.queries import checks_for, clauses_table
from kindelpost.practice.store import evidence
from kindelpost.tenants.queries import client_for, clients_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from kindelpost.practice.queries import Judged

__all__ = ["router"]

router = Resource(Area.PRACTICE, "good practice")
IN_MEMORY = 1 << 20
CHUNK = 1 << 16
EXPORT = {
    "responses": {200: {"description": "OK", "content": {"application/jsonl": {"schema": {"type": "string"}}}}},
}


class Clauses(Listing):
    """Which sentences."""

    verdict: Verdict | None = None


class Checks(Listing):
    """Which checks."""

    clause: Plain = Field("", max_length=10, description="That prove this sentence, such as P6.")
    verdict: Verdict | None = None


def _clause(row: dict[str, Any]) -> Clause:
    return Clause.model_validate({**row, "attested": [one["id"] for one in row["attested"]]})


def _check(one: Judged) -> Check:
    return Check.model_validate(one.row())


@router.get("/clauses", response=Page[Clause], operation_id="listClauses", summary="List the sentences of the good practice")
def list_clauses(request: HttpRequest, listing: Query[Clauses]) -> Page[Clause]:
    """Each with what its checks say now."""
    rows = [row for row in clauses_table(who(request)) if listing.verdict in {None, row["verdict"]}]
    return page_of(rows, listing, _clause, by=lambda row: str(row["id"]))


@router.get("/clauses/{clause}", response=Clause, operation_id="getClause", summary="Show a sentence")
def show_clause(request: HttpRequest, clause: Name) -> Clause:
    """By its id, such as P6."""
    for row in clauses_table(who(request)):
        if row["id"] == clause:
            return _clause(row)
    raise Refused("not-found", f"There is no clause {clause}.")


@router.get("/checks", response=Page[Check], operation_id="listChecks", summary="List what the checks say")
def list_checks(request: HttpRequest, listing: Query[Checks]) -> Page[Check]:
    """Of a client's token: its own and the provider-wide ones that clients are shown."""
    rows = checks_for(who(request), clause=listing.clause)
    wanted = [one for one in rows if listing.verdict in {None, one.verdict.value}]
    return page_of(wanted, listing, _check, by=lambda one: f"{one.check.id} {one.state.target_kind} {one.state.target_id}")


@router.get("/checks/{check}", response=list[Check], operation_id="getCheck", summary="Show a check on each target")
def show_check(request: HttpRequest, check: Name) -> list[Check]:
    """By its id, or every check of a control."""
    return [_check(one) for one in checks_for(who(request), [check])]


@router.get("/evidence", operation_id="exportEvidence", summary="Export the evidence", openapi_extra=EXPORT)
def export_evidence(request: HttpRequest, client: Plain = "") -> StreamingHttpResponse:
    """One file of signed records, which verifies by itself (docs/evidence-format.md).

    What is not the reader's to see is there as its hash. A client's token gets its own; the provider's everything, or what
    `client` sees.
    """
    actor = who(request)
    found = client_for(actor, client) if client else clients_of(actor).first()
    if found is None and not actor.reaches_all:
        raise Refused("not-found", "There is no such client.")
    reader = Reader(found.pk, found.slug) if found and (client or not actor.reaches_all) else None
    name = f"evidence-{reader.slug if reader else 'provider'}.jsonl"
    content = _written(reader)
    begun = chain([next(content)], content)  # what fails fails here, while it can still be told
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(begun, content_type="application/jsonl", headers=headers)


def _written(reader: Reader | None) -> Iterator[bytes]:
    """A file of its own: the chain moves on while somebody reads slowly."""
    with SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(settings.INSTANCE / "data" / "control")) as sink:
        export(evidence(), cast("BinaryIO", sink), reader)
        sink.seek(0)
        while part := sink.read(CHUNK):
            yield part
