"""Mailboxes come, change, become ready, and go."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from kindelpost.accounts.passwords import hash_password
from kindelpost.journal.actions import record
from kindelpost.journal.actor import SYSTEM
from kindelpost.journal.events import Event
from kindelpost.lib.errors import Refused
from kindelpost.mail.addresses import Address as Spelled
from kindelpost.mail.addresses import parse_address
from kindelpost.tenants.actions.access import address_thing, claim_address, need_own
from kindelpost.tenants.models import Address, AliasTarget, Domain, Mailbox, State

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor

__all__ = ["create_mailbox", "mark_mailbox_ready", "remove_mailbox", "set_mailbox_quota", "set_password"]

LEAST_QUOTA = 1_000_000
LARGEST_QUOTA = 100 * 10**12


def _allowed_quota(quota_bytes: int) -> int:
    if not LEAST_QUOTA <= quota_bytes <= LARGEST_QUOTA:
        raise Refused(
            "bad-quota", f"A quota of {quota_bytes} bytes is out of range.", "Choose between 1M and 100T, such as 2G."
        )
    return quota_bytes


def _leading_to(address: str) -> list[str]:
    return list(AliasTarget.objects.filter(text=address).values_list("alias__address__text", flat=True))


@transaction.atomic
def create_mailbox(domain: Domain, local: str, *, password: str, quota_bytes: int, actor: Actor) -> Mailbox:
    """A new mailbox, being prepared. Raises `Refused` (`bad-address`, `taken`, `bad-quota`, `weak-password`)."""
    need_own(actor, domain.client)
    spelled: Spelled = parse_address(f"{local}@{domain.name}")
    hashed, quota = hash_password(password, str(spelled)), _allowed_quota(quota_bytes)
    address = claim_address(domain, spelled.local)
    mailbox = Mailbox.objects.create(
        address=address,
        home=f"{domain.name}/{spelled.local}-{secrets.token_hex(4)}",
        quota_bytes=quota,
        password=hashed,
    )
    record(
        Event.MAILBOX_CREATED,
        address_thing("mailbox", address),
        actor=actor,
        client_id=domain.client_id,
        quota_bytes=quota,
        home=mailbox.home,
        touched=_leading_to(address.text),
    )
    return mailbox


@transaction.atomic
def mark_mailbox_ready(mailbox: Mailbox) -> None:
    """The engines were seen to know it; a second call changes nothing."""
    if Mailbox.objects.filter(pk=mailbox.pk, state=State.PREPARING).update(state=State.READY):
        client_id = mailbox.address.domain.client_id
        record(Event.MAILBOX_READY, address_thing("mailbox", mailbox.address), actor=SYSTEM, client_id=client_id)


@transaction.atomic
def set_mailbox_quota(mailbox: Mailbox, quota_bytes: int, *, actor: Actor) -> None:
    """Give a mailbox another size. Raises `Refused` (`bad-quota`)."""
    domain = mailbox.address.domain
    need_own(actor, domain.client)
    before, mailbox.quota_bytes = mailbox.quota_bytes, _allowed_quota(quota_bytes)
    mailbox.save(update_fields=["quota_bytes"])
    subject = address_thing("mailbox", mailbox.address)
    record(Event.MAILBOX_QUOTA_SET, subject, actor=actor, client_id=domain.client_id, before=before, quota_bytes=quota_bytes)


@transaction.atomic
def set_password(mailbox: Mailbox, password: str, *, actor: Actor) -> None:
    """Give a mailbox another password. Raises `Refused` (`weak-password`)."""
    domain = mailbox.address.domain
    need_own(actor, domain.client)
    mailbox.password = hash_password(password, mailbox.address.text)
    mailbox.save(update_fields=["password"])
    record(Event.MAILBOX_PASSWORD_SET, address_thing("mailbox", mailbox.address), actor=actor, client_id=domain.client_id)


@transaction.atomic
def remove_mailbox(mailbox: Mailbox, *, actor: Actor) -> None:
    """Remove a mailbox, its grants and its ownership of aliases. Its files stay where the journal says, for a restore."""
    address, domain = mailbox.address, mailbox.address.domain
    need_own(actor, domain.client)
    granted = Address.objects.filter(grants__mailbox=mailbox).values_list("text", flat=True)
    owned = Address.objects.filter(alias__owner=mailbox).values_list("text", flat=True)
    touched = sorted({*granted, *owned, *_leading_to(address.text)})
    subject = address_thing("mailbox", address)
    address.delete()
    record(Event.MAILBOX_REMOVED, subject, actor=actor, client_id=domain.client_id, home=mailbox.home, touched=touched)
