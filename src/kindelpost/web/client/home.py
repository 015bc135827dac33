"""The client's first page, its clauses in plain words, and its evidence as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from kindelpost.accounts.models import Space
from kindelpost.lib.errors import Refused
from kindelpost.practice.clauses import controls
from kindelpost.practice.export import Reader
from kindelpost.practice.queries import checks_for, clauses_table
from kindelpost.practice.verdicts import Verdict
from kindelpost.tenants.models import State
from kindelpost.tenants.queries import clients_of, domains_of, mailboxes_of
from kindelpost.web.access import actor, only
from kindelpost.web.findings import evidence_response, findings_of, with_controls

if TYPE_CHECKING:
    from django.http import FileResponse, HttpRequest, HttpResponse

    from kindelpost.journal.actor import Actor

__all__ = ["clause", "evidence_file", "home"]


@only(Space.CLIENT)
def home(request: HttpRequest) -> HttpResponse:
    """In words first: all is well, something needs you, something needs the provider, or not everything is known."""
    who = actor(request)
    boxes, domains = mailboxes_of(who), domains_of(who)
    findings = findings_of(who)
    found = {
        "client": clients_of(who).first(),
        "state": _state(who, findings),
        "findings": findings,
        "domains": domains.count(),
        "mailboxes": boxes.count(),
        "preparing": boxes.filter(state=State.PREPARING).count() + domains.filter(state=State.PREPARING).count(),
        "table": clauses_table(who),
        "tab": "home",
    }
    return render(request, "client/home.html", found)


def _state(who: Actor, findings: list[dict[str, Any]]) -> str:
    """Green only where something was tried."""
    failing = [one for one in findings if one["verdict"] == Verdict.FAIL.value]
    if any(one["client"] for one in failing):
        return "yours"
    if failing:
        return "provider"
    tried = [one.verdict for one in checks_for(who) if one.check.mandatory]
    return "well" if tried and Verdict.UNKNOWN not in tried else "unknown"


@only(Space.CLIENT)
def clause(request: HttpRequest, clause: str) -> HttpResponse:
    """One sentence: what is kept, whether it holds, and how we know."""
    found = next((row for row in clauses_table(actor(request)) if row["id"] == clause), None)
    if found is None:
        raise Refused("not-found", f"There is no clause {clause}.")
    found["results"] = with_controls(found["results"])
    waiting = [controls()[key] for key in found["awaited"]]
    return render(request, "client/clause.html", {"clause": found, "awaited": waiting, "tab": "home"})


@only(Space.CLIENT)
def evidence_file(request: HttpRequest) -> FileResponse:
    """The client's own and the provider-wide records, in one file that verifies by itself."""
    client = clients_of(actor(request)).get()
    return evidence_response(Reader(client.pk, client.slug))
