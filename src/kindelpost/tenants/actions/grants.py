"""The right to send as somebody else: given for a reason, until a moment, inside one client (P6.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from kindelpost.journal.actions import record
from kindelpost.journal.actor import SYSTEM
from kindelpost.journal.events import Event
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused
from kindelpost.mail.addresses import parse_address
from kindelpost.tenants.actions.access import address_thing, need_own
from kindelpost.tenants.models import Address, Mailbox, SendAsGrant

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor

__all__ = ["expire_grants", "grant_send_as", "revoke_send_as"]

LONGEST = timedelta(days=366)
REASON_LIMIT = 500


def _allowed(mailbox: Mailbox, address: str, reason: str, expires_at: datetime) -> Address:
    """The address, where the grant is one that may be given."""
    client_id = mailbox.address.domain.client_id
    found = Address.objects.filter(text=str(parse_address(address)), domain__client=client_id).first()
    if found is None:
        raise Refused("not-found", f"There is no address {address} of this client.", "A grant stays inside one client.")
    if found.pk == mailbox.address_id:
        raise Refused("not-needed", f"{address} is the mailbox's own address.")
    if not reason or len(reason) > REASON_LIMIT or not reason.isprintable():
        raise Refused("no-reason", "A grant needs a reason that can be shown.", "Say why with --reason, in one line.")
    if not now() < expires_at <= now() + LONGEST:
        raise Refused(
            "bad-expiry", "A grant ends in the future, within a year.", "Name a day with --until, such as 2027-06-30."
        )
    return found


@transaction.atomic
def grant_send_as(mailbox: Mailbox, address: str, *, reason: str, expires_at: datetime, actor: Actor) -> SendAsGrant:
    """Let `mailbox` send as `address` until `expires_at`; granting again replaces reason and end.

    Raises `Refused` (`not-found`, `not-needed`, `no-reason`, `bad-expiry`).
    """
    domain = mailbox.address.domain
    need_own(actor, domain.client)
    found = _allowed(mailbox, address, reason.strip(), expires_at)
    grant, _new = SendAsGrant.objects.update_or_create(
        mailbox=mailbox,
        address=found,
        defaults={"reason": reason.strip(), "expires_at": expires_at, "granted_by": actor.label, "granted_at": now()},
    )
    record(
        Event.SEND_AS_GRANTED,
        address_thing("address", found),
        actor=actor,
        client_id=domain.client_id,
        mailbox=str(mailbox),
        reason=grant.reason,
        expires_at=expires_at.isoformat(),
    )
    return grant


def _end(grant: SendAsGrant, event: Event, actor: Actor) -> None:
    client_id = grant.mailbox.address.domain.client_id
    subject, mailbox = address_thing("address", grant.address), str(grant.mailbox)
    grant.delete()
    record(event, subject, actor=actor, client_id=client_id, mailbox=mailbox, reason=grant.reason)


@transaction.atomic
def revoke_send_as(grant: SendAsGrant, *, actor: Actor) -> None:
    """Take the right back before its end."""
    need_own(actor, grant.mailbox.address.domain.client)
    _end(grant, Event.SEND_AS_REVOKED, actor)


@transaction.atomic
def expire_grants() -> int:
    """End every grant whose moment has come; returns how many."""
    over = list(SendAsGrant.objects.filter(expires_at__lte=now()).select_for_update())
    for grant in over:
        _end(grant, Event.SEND_AS_EXPIRED, SYSTEM)
    return len(over)
