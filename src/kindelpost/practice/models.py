"""What each check last found on each target, who is running it, and which failures were accepted for a while."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

__all__ = ["AcceptedException", "CheckState"]


class CheckState(models.Model):
    """A check on a target: its last result, and the lease of the worker that runs it now. History is the evidence's."""

    check_id = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    target_kind = models.CharField(max_length=16)
    target_id = models.CharField(max_length=64)
    target_label = models.CharField(max_length=320)
    client_id = models.BigIntegerField(null=True)  # plain: this room knows no client
    client = models.CharField(max_length=63, default="")  # the client's slug
    affected = models.PositiveIntegerField(default=0)  # mailboxes that it stands for
    verdict = models.CharField(max_length=16, default="unknown")
    observed = models.TextField(default="")
    weaker = models.CharField(max_length=200, default="")
    at = models.DateTimeField(null=True)  # the end of the last run
    ttl_s = models.PositiveIntegerField()
    since = models.DateTimeField(null=True)  # when it last began to say this verdict
    breach_started = models.DateTimeField(null=True)  # the first failure since it last held
    seq = models.PositiveBigIntegerField(default=0)  # the record in the evidence
    next_due = models.DateTimeField()
    lease_owner = models.CharField(max_length=64, default="")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        """One row a check and target; workers look for what is due, a client for its own."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["check_id", "target_kind", "target_id"], name="practice_one_state")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_due"], name="practice_due"),
            models.Index(fields=["client_id"], name="practice_of_client"),
        ]

    def __str__(self) -> str:
        """For a log line."""
        return f"{self.check_id} on {self.target_label}"


class AcceptedException(models.Model):
    """A failure that the provider answers for until a moment: of one check, on one target or (no target) on all."""

    check_id = models.CharField(max_length=64)
    target_id = models.CharField(max_length=64, default="")
    target_label = models.CharField(max_length=320, default="")
    owner = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    expires_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=320)
    accepted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Never without an owner and a reason."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(owner="") & ~models.Q(reason=""), name="exception_is_somebodys")
        ]

    def __str__(self) -> str:
        """For a log line."""
        return f"{self.check_id} on {self.target_label or 'every target'} until {self.expires_at:%Y-%m-%d}"
