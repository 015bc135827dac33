"""What the clock does to tenants."""

from __future__ import annotations

from kindelpost.lib.clock import now
from kindelpost.tenants.actions import expire_grants
from kindelpost.tenants.models import SendAsGrant

__all__ = ["tick"]


def tick() -> None:
    """Every second: end the send-as grants that are over. Looks before it takes the write lock."""
    if SendAsGrant.objects.filter(expires_at__lte=now()).exists():
        expire_grants()
