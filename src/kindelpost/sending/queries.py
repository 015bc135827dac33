"""The records that a domain's client publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from kindelpost.config.sealing import open_sealed
from kindelpost.engines.facts import Layout
from kindelpost.engines.host.names import doors
from kindelpost.mail import records
from kindelpost.mail.dkim import record_text
from kindelpost.sending.models import DkimKey

if TYPE_CHECKING:
    from kindelpost.mail.records import Record
    from kindelpost.tenants.models import Domain

__all__ = ["dns_records"]


def dns_records(domain: Domain) -> list[Record]:
    """Everything to publish for `domain`, each with its reason; the DKIM records appear once the keys are made.

    `domain` comes from `tenants.queries.domain_for`, so the asker is known to be allowed.
    """
    hostname, contact = settings.SERVICE.hostname, settings.SERVICE.provider.contact
    keys = DkimKey.objects.filter(domain=domain).order_by("-algorithm")
    consent = records.report_consent(domain.name, contact)
    certificate = Layout(settings.INSTANCE).tls("front") / "fullchain.pem"
    return [
        records.mx(domain.name, hostname),
        records.spf(domain.name, hostname),
        *(records.dkim(domain.name, key.selector, record_text(open_sealed(key.sealed))) for key in keys),
        records.dmarc(domain.name, contact),
        *((consent,) if consent else ()),
        *records.mta_sts(domain.name, hostname),
        records.tls_rpt(domain.name, contact),
        *records.mail_programs(domain.name, doors(settings.SERVICE), settings.SERVICE.listen.port("portal")),
        *((records.tlsa(hostname, certificate.read_bytes()),) if certificate.exists() else ()),
    ]
