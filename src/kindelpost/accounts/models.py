"""People of three spaces, the links by which they enrol, the tokens of machines, and tries to sign in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

__all__ = ["Attempt", "Enrolment", "Person", "Space", "Token"]


class Space(models.TextChoices):
    """Where an identity lives; the same login in two spaces is two identities (M3.8)."""

    PROVIDER = "provider"
    CLIENT = "client"
    MAILBOX = "mailbox"


class Person(AbstractBaseUser):
    """Somebody who signs in. Clients and addresses are plain ids: their rooms lie above this one."""

    space = models.CharField(max_length=16, choices=Space)
    login = models.CharField(max_length=254)  # lower case
    name = models.CharField(max_length=200)
    client_id = models.BigIntegerField(null=True)
    address_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=2, default="", blank=True)  # et, en; empty: the browser's
    is_active = models.BooleanField(default=True)
    break_glass = models.BooleanField(default=False)  # lies in an envelope; its use raises an alarm (M4.5)
    created_at = models.DateTimeField()
    enrolled_at = models.DateTimeField(null=True)

    objects = BaseUserManager()

    USERNAME_FIELD = "login"

    class Meta:
        """A login is somebody's once in its space, and a space says what its people belong to."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["space", "login"], name="person_once_a_space"),
            models.CheckConstraint(
                condition=Q(space="provider", client_id=None, address_id=None)
                | Q(space="client", client_id__isnull=False, address_id=None)
                | Q(space="mailbox", client_id__isnull=False, address_id__isnull=False),
                name="person_belongs",
            ),
            models.CheckConstraint(condition=Q(break_glass=False) | Q(space="provider"), name="break_glass_is_the_providers"),
        ]

    def __str__(self) -> str:
        """The identity, such as provider/dora."""
        return f"{self.space}/{self.login}"

    @property
    def must_prove_twice(self) -> bool:
        """Has rights over others: a second factor is mandatory, and no setting says otherwise (M4.3)."""
        return self.space in {Space.PROVIDER, Space.CLIENT}


class Enrolment(models.Model):
    """A one-time link by which a person sets up how to sign in. The link's token is kept as a hash alone."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="enrolments")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    issued_by = models.CharField(max_length=320)

    def __str__(self) -> str:
        """For a log line."""
        return f"enrolment of {self.person} until {self.expires_at:%F %T}"


class Token(models.Model):
    """A machine's identity: what it may do, from where, until when. The token itself is kept as a hash alone (M4.4)."""

    name = models.CharField(max_length=100)
    client_id = models.BigIntegerField(null=True)  # null: the provider's
    token_hash = models.CharField(max_length=64, unique=True)
    scopes: models.JSONField[list[str], list[str]] = models.JSONField()
    networks: models.JSONField[list[str], list[str]] = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=320)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_from = models.GenericIPAddressField(null=True)

    class Meta:
        """A name is given once; a token that was revoked keeps its name, as a record."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name"], condition=Q(revoked_at=None), name="token_name_once")
        ]

    def __str__(self) -> str:
        """Its name."""
        return self.name


class Attempt(models.Model):
    """A try to sign in that has not succeeded (yet), under each key by which tries are counted."""

    key = models.CharField(max_length=320)
    at = models.DateTimeField(db_index=True)

    class Meta:
        """Counted by key over a while."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["key", "at"], name="attempts_of_key")]

    def __str__(self) -> str:
        """For a log line."""
        return f"{self.key} at {self.at:%F %T}"
