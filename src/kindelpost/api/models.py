"""What the door itself remembers: answers to requests that may come twice, and how often a token has asked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

__all__ = ["KeptAnswer", "Window"]


class KeptAnswer(models.Model):
    """The answer to a request that carried an Idempotency-Key; sealed, for a made password may be in it (M3.5)."""

    actor = models.CharField(max_length=64)  # machine/7
    key = models.CharField(max_length=128)
    request = models.CharField(max_length=64)  # a keyed hash of method, path and body
    sealed = models.TextField(default="")
    at = models.DateTimeField(db_index=True)

    class Meta:
        """A token uses a key once: the second request at the same moment waits for the first."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["actor", "key"], name="api_key_once")
        ]

    def __str__(self) -> str:
        """For a log line."""
        return f"answer to {self.actor} at {self.at:%F %T}"


class Window(models.Model):
    """How many requests a token has made in its current minute."""

    actor = models.CharField(max_length=64, unique=True)
    minute = models.PositiveBigIntegerField()
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        """For a log line."""
        return f"{self.used} requests of {self.actor}"
