"""The service configuration: one typed schema; each field gives its reason, its default and its clause.

docs/configuration.md and docs/kindelpost.example.toml are generated from here (`make generated`).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, EmailStr, Field, model_validator
from pydantic_core import PydanticCustomError

__all__ = ["PORTS", "Service"]

# name → (standard port, what it is)
PORTS: dict[str, tuple[int, str]] = {
    "mx": (25, "SMTP from other servers"),
    "submissions": (465, "submission over implicit TLS"),
    "submission": (587, "submission with STARTTLS"),
    "imaps": (993, "IMAP over implicit TLS"),
    "managesieve": (4190, "ManageSieve with STARTTLS"),
    "portal": (443, "HTTPS: portal, MTA-STS policies"),
    "resolver": (5353, "internal: the validating resolver"),
    "sieve-out": (10025, "internal: mail that Sieve redirects or answers"),
    "forward-out": (10026, "internal: forwards, rewritten by SRS"),
    "srs-forward": (10001, "internal: SRS, forward lookups"),
    "srs-reverse": (10002, "internal: SRS, reverse lookups"),
}


def said(default: Any, *, why: str, clause: str, **more: Any) -> Any:  # noqa: ANN401 -- pydantic's own Field is typed so
    """A field whose reason and clause are shown in the generated page."""
    return Field(default, description=why, json_schema_extra={"clause": clause}, **more)


def wrong(identity: str, message: str, hint: str) -> PydanticCustomError:
    """A combination that cannot be meant: a stable id, what is wrong, what to do."""
    return PydanticCustomError(identity, message, {"hint": hint})


class Part(BaseModel):
    """A table of kindelpost.toml: unknown keys are an error, values never change after the start."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Provider(Part):
    """Who runs the service."""

    name: str = said("Example Hosting", why="Shown to clients and on the public page.", clause="E3", min_length=1)
    contact: EmailStr = said("postmaster@provider.example", why="Where clients and other servers turn to.", clause="E3")
    time_zone: str = said("Europe/Tallinn", why="Times on the portal's pages.", clause="E3", min_length=1)
    security_contact: EmailStr = said("security@provider.example", why="security.txt (RFC 9116).", clause="M1")


class Listen(Part):
    """Where the front doors are."""

    addresses: tuple[IPv4Address | IPv6Address, ...] = said(
        (IPv4Address("127.0.0.1"), IPv6Address("::1")),
        why="Both families, so that IPv6 is no forgotten back door.",
        clause="P6",
        min_length=1,
    )
    port_base: Annotated[int, Field(ge=0, le=31000)] = said(
        0, why="0 means the standard ports; N moves every port by N, for a second instance or an evaluation.", clause="P3"
    )

    def port(self, name: str) -> int:
        """The port of the door called `name`; with a port base, those from 1000 on take the places from base + 100 on."""
        standard = PORTS[name][0]
        if not self.port_base:
            return standard
        return self.port_base + (standard if standard < FIRST_MOVED else MOVED[name])


FIRST_MOVED = 1000  # a standard port from here on would not fit above a port base; it takes the next free place
MOVED = {name: 100 + index for index, name in enumerate(PORTS) if PORTS[name][0] >= FIRST_MOVED}


class Tls(Part):
    """The certificate of the front doors; TLS 1.2 is the floor and cannot be lowered here."""

    certificate: Path | None = said(
        None, why="Full chain in PEM. Unset: the instance's own certificate authority (evaluation).", clause="P5"
    )
    key: Path | None = said(None, why="Its private key, readable by root alone.", clause="M3")

    @model_validator(mode="after")
    def _pair(self) -> Self:
        files = {"certificate": self.certificate, "key": self.key}
        for name, other in (("certificate", "key"), ("key", "certificate")):
            if files[name] and not files[other]:
                raise wrong("tls-pair", f"{name} is set, {other} is not", f"Set {other} too, or neither.")
        for name, path in files.items():
            if path and not path.is_absolute():
                raise wrong("tls-path", f"{name} is not an absolute path", "Write the path from / on.")
        return self


class Database(Part):
    """The control database; engines never read it."""

    url: str = said(
        "sqlite",
        why="`sqlite` keeps a file in the instance; or postgresql://user:password@host/name.",
        clause="M3",
        pattern=r"^(sqlite|postgresql://\S+/\S+)$",
    )


class Dns(Part):
    """The validating resolver."""

    outside: bool = said(
        False, why="Evaluation and tests only: resolve from the namespace that plays the outside world.", clause="P5"
    )


class Limits(Part):
    """Limits that protect everybody from one."""

    message_bytes: Annotated[int, Field(ge=1_000_000, le=200_000_000)] = said(
        50_000_000, why="The largest message accepted, encoded.", clause="P3"
    )
    recipients_per_message: Annotated[int, Field(ge=10, le=1000)] = said(
        100, why="A brake on harvesting and spam.", clause="P5"
    )
    client_connections_per_minute: Annotated[int, Field(ge=10)] = said(
        120, why="Connections that one address may open in a minute at each door.", clause="P5"
    )
    client_messages_per_minute: Annotated[int, Field(ge=10)] = said(
        300, why="Messages that one address may bring in a minute.", clause="P5"
    )
    messages_per_hour: Annotated[int, Field(ge=1)] = said(
        100, why="What one mailbox may send in an hour before it is held back (P5.8).", clause="P5"
    )


class Filtering(Part):
    """When a message is marked and when it is refused."""

    junk_score: Annotated[float, Field(ge=3, le=15)] = said(6.0, why="From this score on to Junk.", clause="P3")
    reject_score: Annotated[float, Field(ge=8, le=50)] = said(15.0, why="From this score on refused with 554.", clause="P3")
    antivirus: Literal[True] = said(True, why="Cannot be switched off; here so that it is said.", clause="P3")

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.reject_score <= self.junk_score:
            raise wrong(
                "filtering-order",
                f"reject_score {self.reject_score:g} is not above junk_score {self.junk_score:g}",
                "Mail would be refused before it could be marked: raise reject_score or lower junk_score.",
            )
        return self


class Quota(Part):
    """Mailbox sizes."""

    default_bytes: Annotated[int, Field(ge=1_000_000)] = said(
        2_000_000_000, why="Every mailbox has a quota from the start (P4.1).", clause="P4"
    )


class Accounts(Part):
    """How people sign in. A second factor is mandatory for whoever has rights over others; there is no setting for that."""

    breached_passwords: Path | None = said(
        None,
        why="A file of lines SHA1:count in order, as Have I Been Pwned gives it: its passwords are refused. Asked offline.",
        clause="M4",
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.breached_passwords and not self.breached_passwords.is_absolute():
            raise wrong("accounts-path", "breached_passwords is not an absolute path", "Write the path from / on.")
        return self


class Service(Part):
    """The whole of kindelpost.toml."""

    hostname: Annotated[str, Field(max_length=253, pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")] = said(
        "mail.kindelpost.example",
        why="EHLO name, certificate name and PTR are one and the same (P5.5).",
        clause="P5",
    )
    evaluation: bool = said(False, why="Made by `up` without a configuration: own CA, example clients.", clause="E2")
    provider: Provider = Field(default_factory=Provider)
    listen: Listen = Field(default_factory=Listen)
    tls: Tls = Field(default_factory=Tls)
    database: Database = Field(default_factory=Database)
    dns: Dns = Field(default_factory=Dns)
    limits: Limits = Field(default_factory=Limits)
    filtering: Filtering = Field(default_factory=Filtering)
    quota: Quota = Field(default_factory=Quota)
    accounts: Accounts = Field(default_factory=Accounts)

    @property
    def portal_url(self) -> str:
        """Where people find the portal, without a slash at the end; an evaluation's is on this machine."""
        host, port = "localhost" if self.evaluation else self.hostname, self.listen.port("portal")
        return f"https://{host}" if port == PORTS["portal"][0] else f"https://{host}:{port}"

    @model_validator(mode="after")
    def _evaluation(self) -> Self:
        if self.evaluation and not self.listen.port_base:
            raise wrong(
                "evaluation-ports",
                "an evaluation instance would take the standard ports",
                "Set listen.port_base, such as 20000.",
            )
        if self.evaluation and not all(address.is_loopback for address in self.listen.addresses):
            raise wrong(
                "evaluation-address",
                "an evaluation instance may listen on loopback only",
                "Its accounts are examples: use 127.0.0.1 and ::1, or set evaluation = false.",
            )
        if self.dns.outside and not self.evaluation:
            raise wrong(
                "dns-outside",
                "dns.outside is for evaluation instances",
                "A real service asks the real DNS: set dns.outside = false.",
            )
        return self
