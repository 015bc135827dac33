"""A domain's records as both faces show them: reason, value, what DNS shows now, and the zone file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

from kindelpost.mail.records import zone_file
from kindelpost.sending.published import Shown, published
from kindelpost.sending.queries import dns_records

if TYPE_CHECKING:
    from django.http import HttpRequest

    from kindelpost.tenants.models import Domain

__all__ = ["records_of", "zone_of"]


def records_of(request: HttpRequest, domain: Domain) -> dict[str, Any]:
    """The domain and its records; DNS is asked only when the page asks, since that takes a moment."""
    records = dns_records(domain)
    asked = request.GET.get("dns") == "1"
    shown = published(records) if asked else [Shown(record, "unknown") for record in records]
    return {
        "domain": domain,
        "asked": asked,
        "records": [
            {"record": one.record, "state": one.state, "seen": one.seen, "own": _within(one.record.name, domain.name)}
            for one in shown
        ],
        "unpublished": sum(one.state in {"missing", "different"} for one in shown),
    }


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def zone_of(domain: Domain) -> HttpResponse:
    """The records to put into the domain's own zone, as a file."""
    response = HttpResponse(zone_file(domain.name, dns_records(domain)), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{domain.name}.zone"'
    return response
