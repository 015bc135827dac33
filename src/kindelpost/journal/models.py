"""The journal's table, and the marks of the reactions that have answered an entry."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

__all__ = ["Entry", "Mark"]


class Entry(models.Model):
    """Something that happened. Never changed after it is written, save `pending`: some reaction has not answered yet."""

    at = models.DateTimeField()
    name = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=320)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    subject_label = models.CharField(max_length=320)
    client_id = models.BigIntegerField(null=True)  # plain, no foreign key: the record outlives the client
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    pending = models.BooleanField(default=True)

    class Meta:
        """The worker reads what is pending, a client its own history."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], condition=models.Q(pending=True), name="journal_pending"),
            models.Index(fields=["client_id", "at"], name="journal_of_client"),
        ]

    def __str__(self) -> str:
        """For a log line."""
        return f"{self.id} {self.name} {self.subject_label}"


class Mark(models.Model):
    """One reaction's answer to one entry: done, or when it is tried again and why it failed."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="marks")
    reaction = models.CharField(max_length=128)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        """One mark a reaction and entry: two workers cannot both hold it."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "reaction"], name="journal_one_mark")
        ]

    def __str__(self) -> str:
        """For a log line."""
        return f"{self.reaction} of {self.entry_id}"
