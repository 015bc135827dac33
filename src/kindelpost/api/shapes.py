"""What goes in and out: the shapes of the OpenAPI document."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from ninja import P, PathEx
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

__all__ = [
    "Alias",
    "Check",
    "Clause",
    "Client",
    "DnsRecord",
    "Domain",
    "Entry",
    "Exempt",
    "Grant",
    "Mailbox",
    "MailboxMade",
    "Moment",
    "Name",
    "New",
    "NewAlias",
    "NewClient",
    "NewDomain",
    "NewGrant",
    "NewMailbox",
    "NewPassword",
    "NewQuota",
    "Number",
    "Party",
    "Plain",
    "Said",
    "State",
    "Status",
    "Target",
    "Verdict",
    "Words",
]

PLAIN = r"^[^\x00-\x1f\x7f]*$"  # a control character is nobody's name, and PostgreSQL keeps no NUL
Plain = Annotated[str, StringConstraints(pattern=PLAIN)]
Words = Annotated[str, StringConstraints(pattern=PLAIN, min_length=1, max_length=500)]
Name = PathEx[str, P(pattern=r"^[^\x00-\x1f\x7f/]+$", max_length=320)]
Number = PathEx[int, P(ge=1, lt=2**63)]


def _written(moment: object) -> object:
    """As RFC 3339 writes it: a bare number is no moment."""
    if not isinstance(moment, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]", moment):
        raise ValueError("a moment is written such as 2027-06-30T00:00:00Z")
    return moment


def _in_utc(moment: datetime) -> datetime:
    """The same moment in UTC: PostgreSQL takes no offset beyond 16 hours, and a calendar has a first and a last day."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as beyond:
        raise ValueError("that is beyond the calendar") from beyond


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
Bytes = Annotated[int, Field(ge=1, le=10**15)]
Verdict = Literal["pass", "warn", "fail", "unknown", "not-applicable"]
State = Literal["being-prepared", "ready"]


class New(BaseModel):
    """What is sent to be made or changed: a field that is not known is an error, not a silence."""

    model_config = ConfigDict(extra="forbid")


class Client(BaseModel):
    """An organisation that the provider serves."""

    slug: str
    name: str


class NewClient(New):
    """A client to add."""

    slug: Words
    name: Words


class Domain(BaseModel):
    """A mail domain; `ready` means that the engines were seen to know it."""

    name: str
    client: str
    state: State


class NewDomain(New):
    """A domain to add."""

    client: Words
    name: Words


class Said(BaseModel):
    """The same in both languages."""

    et: str
    en: str


class DnsRecord(BaseModel):
    """A record to publish: its full name, its value as in a zone file, and why it is needed."""

    name: str
    type: str
    value: str
    reason: Said


class Mailbox(BaseModel):
    """A mailbox; `ready` means that the engines were seen to know it."""

    address: str
    client: str
    state: State
    quota_bytes: int


class MailboxMade(Mailbox):
    """A new mailbox."""

    password: str | None = Field(None, description="Where none was sent: the one that was made, shown this once.")


class NewMailbox(New):
    """A mailbox to add."""

    address: Words
    quota_bytes: Bytes | None = Field(None, description="The configuration's, where none is sent.")
    password: str | None = Field(None, max_length=1000, description="One is made and shown once, where none is sent.")


class NewQuota(New):
    """Another size."""

    quota_bytes: Bytes


class NewPassword(New):
    """Another password."""

    password: str = Field(max_length=1000)


class Alias(BaseModel):
    """Another name: mail to it goes to its targets; only its owner may also send as it."""

    address: str
    client: str
    targets: list[str]
    owner: str | None
    external: bool = Field(description="Somebody accepted that its mail leaves the client.")


class NewAlias(New):
    """An alias to add."""

    address: Words
    targets: list[Words] = Field(min_length=1, max_length=100)
    owner: Words | None = None
    acknowledged: bool = Field(default=False, description="The risk that `needs-acknowledgement` told is accepted.")


class Grant(BaseModel):
    """The right of a mailbox to send as another address of the same client."""

    mailbox: str
    address: str
    client: str
    reason: str
    expires_at: datetime
    granted_by: str
    granted_at: datetime


class NewGrant(New):
    """A right to give; giving it again replaces reason and end."""

    mailbox: Words
    address: Words
    reason: Words
    expires_at: Moment


class Target(BaseModel):
    """What a check looks at."""

    kind: str
    id: str
    label: str


class Exempt(BaseModel):
    """A failure that the provider answers for until a moment."""

    owner: str
    reason: str
    until: datetime


class Check(BaseModel):
    """A check on a target and what it says now: stale is unknown."""

    id: str
    name: str
    clause: str
    clauses: list[str]
    kind: Literal["says", "does"]
    mandatory: bool
    target: Target
    client: str | None
    verdict: Verdict
    expected: str
    observed: str
    weaker: str = Field(description="Why the try proves less than it might; empty where it does not.")
    at: datetime | None
    ttl_s: int
    stale: bool
    since: datetime | None
    breach_minutes: int
    record: int = Field(description="The number of its record in the evidence.")
    exception: Exempt | None


class Clause(BaseModel):
    """A sentence of the good practice, as good as its worst mandatory check."""

    id: str
    et: str
    en: str
    verdict: Verdict
    checks: list[str]
    attested: list[str] = Field(description="What only people can state.")
    awaited: list[str] = Field(description="Controls that no check watches yet.")


class Party(BaseModel):
    """Who acted, or what was acted on, as it was called then."""

    kind: str
    label: str


class Entry(BaseModel):
    """Who did what to whose thing, and when."""

    id: int
    at: datetime
    event: str
    actor: Party
    subject: Party
    data: dict[str, Any]


class Status(BaseModel):
    """How the service is, as its control plane knows it."""

    state: Literal["ready", "degraded"] = Field(description="Degraded: the worker is silent, or a mandatory check fails.")
    version: str
    worker_silent_s: float | None = Field(description="Seconds since the worker last moved; null where it never has.")
    waiting: int = Field(description="Changes that are not carried out yet.")
    checks: dict[Verdict, int]
    clauses: dict[Verdict, int]
    clients: int
    domains: int
    mailboxes: int
