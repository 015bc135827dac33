"""How the service is."""

from __future__ import annotations

import time
from collections import Counter

from django.conf import settings
from django.http import HttpRequest

from kindelpost.accounts.actions.tokens import Area
from kindelpost.api.access import need_provider
from kindelpost.api.routing import Resource
from kindelpost.api.shapes import Status
from kindelpost.config.version import VERSION
from kindelpost.engines.control import STALE_SECONDS, heartbeat
from kindelpost.engines.facts import Layout
from kindelpost.journal.queries import entries_of
from kindelpost.practice.queries import checks_for, clauses_table
from kindelpost.practice.verdicts import Verdict
from kindelpost.tenants.queries import clients_of, domains_of, mailboxes_of

__all__ = ["router"]

router = Resource(Area.STATUS, "status")


def _silent() -> float | None:
    try:
        return max(0.0, time.time() - heartbeat(Layout(settings.INSTANCE).run("control")).stat().st_mtime)
    except OSError:
        return None


@router.get("", response=Status, operation_id="getStatus", summary="Show how the service is")
def show(request: HttpRequest) -> Status:
    """The provider's alone. Engines are tried by the checks; `kindelpost status` on the machine shows their processes."""
    actor = need_provider(request)
    silent, judged = _silent(), checks_for(actor)
    failing = any(one.verdict is Verdict.FAIL and one.check.mandatory for one in judged)
    well = silent is not None and silent < STALE_SECONDS and not failing
    return Status.model_validate({
        "state": "ready" if well else "degraded",
        "version": VERSION,
        "worker_silent_s": silent,
        "waiting": entries_of(actor).filter(pending=True).count(),
        "checks": Counter(one.verdict.value for one in judged),
        "clauses": Counter(row["verdict"] for row in clauses_table(actor)),
        "clients": clients_of(actor).count(),
        "domains": domains_of(actor).count(),
        "mailboxes": mailboxes_of(actor).count(),
    })
