"""A change of tenants reaches the engines: publish what it touched, look whether they know it, say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.alarm import tell_break_glass, tell_security
from kindelpost.engines.known import require_mailbox
from kindelpost.engines.maps import publish
from kindelpost.engines.publish_tenants import register_tenants
from kindelpost.journal.events import Event
from kindelpost.journal.registry import reacts_to
from kindelpost.tenants.actions import mark_mailbox_ready
from kindelpost.tenants.models import Mailbox

if TYPE_CHECKING:
    from kindelpost.journal.models import Entry

__all__ = ["announce_mailbox", "publish_touched", "tell_break_glass", "tell_security"]

register_tenants()


@reacts_to(
    Event.DOMAIN_CREATED,
    Event.DOMAIN_REMOVED,
    Event.MAILBOX_CREATED,
    Event.MAILBOX_QUOTA_SET,
    Event.MAILBOX_PASSWORD_SET,
    Event.MAILBOX_REMOVED,
    Event.ALIAS_CREATED,
    Event.ALIAS_REMOVED,
    Event.SEND_AS_GRANTED,
    Event.SEND_AS_REVOKED,
    Event.SEND_AS_EXPIRED,
)
def publish_touched(entry: Entry) -> None:
    """Bring up to date what the entry is about and what it says it touched besides."""
    is_domain = entry.subject_kind == "domain"
    addresses = [*entry.data.get("touched", ()), *(() if is_domain else (entry.subject_label,))]
    publish(addresses=addresses, domains=[entry.subject_label] if is_domain else [])


@reacts_to(Event.MAILBOX_CREATED)
def announce_mailbox(entry: Entry) -> None:
    """Mark the mailbox ready once Postfix and Dovecot know it; one that is gone already needs nothing."""
    mailbox = Mailbox.objects.filter(address__pk=entry.subject_id).first()
    if mailbox is not None:
        require_mailbox(entry.subject_label)
        mark_mailbox_ready(mailbox)
