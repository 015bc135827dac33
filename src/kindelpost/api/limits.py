"""How often one token may ask: 600 requests in each minute of the clock, counted for all workers together."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from kindelpost.api.models import Window
from kindelpost.lib.clock import now

__all__ = ["LIMIT", "SECONDS", "Rate", "count"]

LIMIT = 600
SECONDS = 60


@dataclass(frozen=True)
class Rate:
    """What is left in the current window, and the seconds to its end."""

    left: int
    seconds: int
    over: bool = False

    def headers(self) -> dict[str, str]:
        """RateLimit and RateLimit-Policy, as draft-ietf-httpapi-ratelimit-headers writes them; Retry-After when it is over."""
        said = {"RateLimit-Policy": f'"token";q={LIMIT};w={SECONDS}', "RateLimit": f'"token";r={self.left};t={self.seconds}'}
        return {**said, "Retry-After": str(self.seconds)} if self.over else said


def count(actor: str) -> Rate:
    """Count one request of `actor`; beyond the limit too."""
    minute, passed = divmod(int(now().timestamp()), SECONDS)
    row = Window.objects.filter(actor=actor)
    if not row.filter(minute=minute).update(used=F("used") + 1) and not row.update(minute=minute, used=1):
        Window.objects.get_or_create(actor=actor, defaults={"minute": minute, "used": 1})
    used = row.values_list("used", flat=True).get()
    return Rate(left=max(0, LIMIT - used), seconds=SECONDS - passed, over=used > LIMIT)
