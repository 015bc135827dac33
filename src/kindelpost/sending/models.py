"""DKIM keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kindelpost.tenants.models import Domain

__all__ = ["DkimKey"]


class DkimKey(models.Model):
    """One signing key of a domain. `sealed` is the PEM PKCS#8 private key under the instance's Fernet key."""

    class State(models.TextChoices):
        """An active key signs; a retired one is still published for mail that is under way."""

        ACTIVE = "active"
        RETIRED = "retired"

    domain = models.ForeignKey(Domain, models.CASCADE, related_name="dkim_keys")
    selector = models.CharField(max_length=63)
    algorithm = models.CharField(max_length=16)
    sealed = models.TextField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)

    class Meta:
        """A selector names one key."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["domain", "selector"], name="dkim_selector_once")
        ]

    def __str__(self) -> str:
        """Its DNS name."""
        return f"{self.selector}._domainkey.{self.domain}"
