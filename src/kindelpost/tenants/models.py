"""Clients and what is theirs. `Address` holds every served name once, so that the database itself refuses a second use."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

__all__ = ["Address", "Alias", "AliasTarget", "Client", "Domain", "Mailbox", "SendAsGrant", "State"]


class State(models.TextChoices):
    """Ready means that the engines were seen to know it."""

    PREPARING = "being-prepared"
    READY = "ready"


class Client(models.Model):
    """An organisation that the provider serves."""

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    internal = models.BooleanField(default=False)  # the service's own, whose mail tries the service; shown to nobody

    def __str__(self) -> str:
        """Its short name."""
        return self.slug


class Domain(models.Model):
    """A mail domain, in A-labels and lower case; one client's alone."""

    name = models.CharField(max_length=253, unique=True)
    client = models.ForeignKey(Client, models.PROTECT, related_name="domains")
    state = models.CharField(max_length=16, choices=State, default=State.PREPARING)

    def __str__(self) -> str:
        """Its name."""
        return self.name


class Address(models.Model):
    """A served address: the name of exactly one mailbox or alias. Removing it removes what it names."""

    domain = models.ForeignKey(Domain, models.PROTECT, related_name="addresses")
    text = models.CharField(max_length=254, unique=True)  # local@domain, lower case

    def __str__(self) -> str:
        """local@domain."""
        return self.text

    @property
    def local(self) -> str:
        """What stands before the @."""
        return self.text.rpartition("@")[0]


class Mailbox(models.Model):
    """A person's mail. `home` is below the instance's data/mail and never used twice: a new owner gets an empty one."""

    address = models.OneToOneField(Address, models.CASCADE, related_name="mailbox")
    home = models.CharField(max_length=400, unique=True)
    quota_bytes = models.PositiveBigIntegerField()
    password = models.CharField(max_length=255)  # a Dovecot scheme string, {ARGON2ID}…
    state = models.CharField(max_length=16, choices=State, default=State.PREPARING)

    class Meta:
        """Every mailbox has a quota (P4.1)."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(quota_bytes__gt=0), name="mailbox_has_quota")
        ]

    def __str__(self) -> str:
        """Its address."""
        return str(self.address)


class Alias(models.Model):
    """Another name: mail to it goes to its targets. Only `owner`, where there is one, may also send as it."""

    address = models.OneToOneField(Address, models.CASCADE, related_name="alias")
    owner = models.ForeignKey(Mailbox, models.SET_NULL, null=True, related_name="owned_aliases")
    external_acknowledged = models.BooleanField(default=False)  # somebody accepted that mail leaves the client

    def __str__(self) -> str:
        """Its address."""
        return str(self.address)


class AliasTarget(models.Model):
    """Where an alias leads: an address, ours or not."""

    alias = models.ForeignKey(Alias, models.CASCADE, related_name="targets")
    text = models.CharField(max_length=254, db_index=True)

    class Meta:
        """A target is named once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["alias", "text"], name="alias_target_once")
        ]

    def __str__(self) -> str:
        """The target's address."""
        return self.text


class SendAsGrant(models.Model):
    """The right of a mailbox to send as another address of the same client, for a reason and until a moment."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="grants")
    address = models.ForeignKey(Address, models.CASCADE, related_name="grants")
    reason = models.CharField(max_length=500)
    expires_at = models.DateTimeField(db_index=True)
    granted_by = models.CharField(max_length=320)
    granted_at = models.DateTimeField()

    class Meta:
        """One grant a mailbox and address, never without a reason."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["mailbox", "address"], name="grant_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="grant_has_reason"),
        ]

    def __str__(self) -> str:
        """Who may send as whom."""
        return f"{self.mailbox} as {self.address}"
