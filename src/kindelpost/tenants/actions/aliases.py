"""Aliases come and go. An alias is a way in; only its owner may also send as it (P6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kindelpost.journal.actions import record
from kindelpost.journal.events import Event
from kindelpost.lib.errors import Refused
from kindelpost.mail.addresses import parse_address
from kindelpost.tenants.actions.access import address_thing, claim_address, need_own
from kindelpost.tenants.models import Alias, AliasTarget, Domain, Mailbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kindelpost.journal.actor import Actor

__all__ = ["create_alias", "remove_alias"]

TARGET_LIMIT = 100


def _checked_targets(domain: Domain, targets: Sequence[str]) -> tuple[list[str], list[str]]:
    """The targets in one spelling, and those that leave the client."""
    spelled = sorted({parse_address(target) for target in targets})
    if not 0 < len(spelled) <= TARGET_LIMIT:
        raise Refused("bad-targets", "An alias leads to at least one address.", f"Name 1 to {TARGET_LIMIT} with --to.")
    own = set(Domain.objects.filter(client=domain.client_id).values_list("name", flat=True))
    inside = [str(target) for target in spelled if target.domain in own]
    known = set(Mailbox.objects.filter(address__text__in=inside).values_list("address__text", flat=True))
    if missing := [target for target in inside if target not in known]:
        raise Refused(
            "bad-targets", f"There is no mailbox {', '.join(missing)}.", "An alias leads to mailboxes, not to other aliases."
        )
    return [str(target) for target in spelled], [str(target) for target in spelled if target.domain not in own]


@transaction.atomic
def create_alias(
    domain: Domain,
    local: str,
    targets: Sequence[str],
    *,
    actor: Actor,
    owner: Mailbox | None = None,
    external_acknowledged: bool = False,
) -> Alias:
    """A new alias. Raises `Refused` (`bad-address`, `taken`, `bad-targets`, `bad-owner`, `needs-acknowledgement`)."""
    need_own(actor, domain.client)
    spelled = parse_address(f"{local}@{domain.name}")
    wanted, leaving = _checked_targets(domain, targets)
    if leaving and not external_acknowledged:
        raise Refused(
            "needs-acknowledgement",
            f"Mail to {spelled} would leave the client, to {', '.join(leaving)}: it can be read there, and a stranger's "
            "rules apply to it.",
            "Better: a mailbox here. If you accept the risk, say --external-acknowledged.",
            targets=leaving,
        )
    if owner is not None and owner.address.domain.client_id != domain.client_id:
        raise Refused("bad-owner", "The owner must be a mailbox of the same client.")
    address = claim_address(domain, spelled.local)
    alias = Alias.objects.create(address=address, owner=owner, external_acknowledged=bool(leaving))
    AliasTarget.objects.bulk_create(AliasTarget(alias=alias, text=target) for target in wanted)
    record(
        Event.ALIAS_CREATED,
        address_thing("alias", address),
        actor=actor,
        client_id=domain.client_id,
        targets=wanted,
        leaving=leaving,
        owner=str(owner) if owner else None,
    )
    return alias


@transaction.atomic
def remove_alias(alias: Alias, *, actor: Actor) -> None:
    """Remove an alias and every grant to send as it."""
    address, domain = alias.address, alias.address.domain
    need_own(actor, domain.client)
    subject, targets = address_thing("alias", address), [str(target) for target in alias.targets.all()]
    address.delete()
    record(Event.ALIAS_REMOVED, subject, actor=actor, client_id=domain.client_id, targets=targets)
