"""Making DKIM keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kindelpost.config.sealing import seal
from kindelpost.journal.actions import record
from kindelpost.journal.actor import Thing
from kindelpost.journal.events import Event
from kindelpost.lib.clock import now
from kindelpost.mail.dkim import ALGORITHMS, make_private_key
from kindelpost.sending.models import DkimKey

if TYPE_CHECKING:
    from kindelpost.journal.actor import Actor
    from kindelpost.tenants.models import Domain

__all__ = ["make_dkim_keys"]


@transaction.atomic
def make_dkim_keys(domain: Domain, *, actor: Actor) -> None:
    """Give the domain an RSA-2048 and an Ed25519 key where it lacks one; selectors such as kp202611r and kp202611e."""
    moment = now()
    made = []
    for algorithm in ALGORITHMS:
        if DkimKey.objects.filter(domain=domain, algorithm=algorithm, state=DkimKey.State.ACTIVE).exists():
            continue
        key = DkimKey.objects.create(
            domain=domain,
            selector=f"kp{moment:%Y%m}{algorithm[0]}",
            algorithm=algorithm,
            sealed=seal(make_private_key(algorithm)),
            created_at=moment,
        )
        made.append(key.selector)
    if made:
        subject = Thing("domain", str(domain.pk), domain.name)
        record(Event.DKIM_KEYS_MADE, subject, actor=actor, client_id=domain.client_id, selectors=made)
