"""The provider's home: the practice, sentence by sentence, down to the evidence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.shortcuts import render

from kindelpost.accounts.models import Space
from kindelpost.lib.errors import Refused
from kindelpost.practice.clauses import controls
from kindelpost.practice.queries import clauses_table
from kindelpost.practice.registry import control_of
from kindelpost.practice.shown import history_for, record_for
from kindelpost.practice.verdicts import Verdict
from kindelpost.web.access import actor, only
from kindelpost.web.findings import evidence_response, with_controls

if TYPE_CHECKING:
    from django.http import FileResponse, HttpRequest, HttpResponse

__all__ = ["clause", "evidence_file", "home", "record"]

WORST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN)


@only(Space.PROVIDER)
def home(request: HttpRequest) -> HttpResponse:
    """The table of clauses, worst finding each, and how many are in order."""
    table = clauses_table(actor(request))
    for row in table:
        row["worst"] = next((one for one in row["results"] if one["verdict"] in WORST and one["mandatory"]), None)
        if row["worst"]:
            row["worst"]["control"] = controls()[control_of(row["worst"]["id"])]
        row["since"] = max((one["since"] for one in row["results"] if one["since"]), default=None)
    counts = {verdict.value: sum(row["verdict"] == verdict for row in table) for verdict in Verdict}
    return render(request, "provider/home.html", {"table": table, "counts": counts, "tab": "practice"})


@only(Space.PROVIDER)
def clause(request: HttpRequest, clause: str) -> HttpResponse:
    """One sentence with its checks: what must hold, what was seen, how we know."""
    who = actor(request)
    found = next((row for row in clauses_table(who) if row["id"] == clause), None)
    if found is None:
        raise Refused("not-found", f"There is no clause {clause}.")
    found["results"] = with_controls(found["results"])
    history = history_for(who, found["checks"])
    for one in found["results"]:
        one["history"] = history.get((one["id"], one["target"]["id"]), ())
    return render(request, "provider/clause.html", {"clause": found, "tab": "practice"})


@only(Space.PROVIDER)
def record(request: HttpRequest, seq: int) -> HttpResponse:
    """One record of the evidence, as it was signed."""
    found = record_for(actor(request), seq)
    line = json.dumps(found, ensure_ascii=False, indent=2, sort_keys=True)
    return render(request, "provider/record.html", {"record": found, "line": line, "tab": "practice"})


@only(Space.PROVIDER)
def evidence_file(_request: HttpRequest) -> FileResponse:
    """The whole chain, in one file that verifies by itself."""
    return evidence_response()
