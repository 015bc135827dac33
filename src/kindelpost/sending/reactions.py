"""A new domain gets its keys, and is ready when they are published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.known import require_domain
from kindelpost.engines.maps import publish
from kindelpost.journal.actor import SYSTEM
from kindelpost.journal.events import Event
from kindelpost.journal.registry import reacts_to
from kindelpost.sending.actions import make_dkim_keys
from kindelpost.sending.publish import register_sending
from kindelpost.tenants.actions import mark_domain_ready
from kindelpost.tenants.models import Domain

if TYPE_CHECKING:
    from kindelpost.journal.models import Entry

__all__ = ["make_keys", "publish_keys"]

register_sending()


@reacts_to(Event.DOMAIN_CREATED)
def make_keys(entry: Entry) -> None:
    """RSA-2048 and Ed25519."""
    domain = Domain.objects.filter(pk=entry.subject_id).first()
    if domain is not None:
        make_dkim_keys(domain, actor=SYSTEM)


@reacts_to(Event.DKIM_KEYS_MADE)
def publish_keys(entry: Entry) -> None:
    """Let Rspamd sign; then the domain is ready, once Postfix knows it."""
    publish(domains=[entry.subject_label])
    domain = Domain.objects.filter(pk=entry.subject_id).first()
    if domain is not None:
        require_domain(domain.name)
        mark_domain_ready(domain)
