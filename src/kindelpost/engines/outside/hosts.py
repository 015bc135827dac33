"""Who lives in the outside world as delivered: senders good and bad, domains of every policy, the sinks of their mail."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kindelpost.engines.outside.namespace import HOSTS, host

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Outside
    from kindelpost.engines.outside.world import World

__all__ = [
    "CERTIFICATE_NAMES",
    "DOMAINS",
    "GOOD",
    "PLAIN",
    "SINK",
    "STRANGER",
    "Domain",
    "key_digest",
    "mta_sts_policies",
    "settle",
]

# Numbers for namespace.host(): who connects from where.
SINK, PLAIN, GOOD, STRANGER = 0, 1, 2, 3  # PLAIN: the sink without STARTTLS; STRANGER: in nobody's SPF
NAMES = {
    SINK: "mx.outside.example",
    PLAIN: "plain.outside.example",
    GOOD: "good.outside.example",
    STRANGER: "stranger.outside.example",
}


@dataclass(frozen=True)
class Domain:
    """A domain of the outside world: who takes its mail, what it asks for forged mail, how it protects its own transport."""

    sink: int = SINK
    dmarc: str = "none"
    dane: bool = False
    mta_sts: bool = False


DOMAINS = {
    "outside.example": Domain(),
    "none.example": Domain(),
    "quarantine.example": Domain(dmarc="quarantine"),
    "reject.example": Domain(dmarc="reject"),
    "secure.example": Domain(dmarc="reject", dane=True),
    "sts.example": Domain(dmarc="reject", mta_sts=True),
    "both.example": Domain(dmarc="reject", dane=True, mta_sts=True),
    "strip.example": Domain(sink=PLAIN, dane=True),  # T03: promises TLS, and somebody on the way takes STARTTLS out
    "strip-sts.example": Domain(sink=PLAIN, mta_sts=True),
    "plain.example": Domain(sink=PLAIN),  # promises nothing and has no STARTTLS
    "unsigned.example": Domain(),  # an insecure delegation: no DNSSEC, hence no DANE
    "bogus.example": Domain(),  # its signatures do not verify: no answer at all
}

# What the certificate tls/outside must be for: the host name of each mail exchanger and of each MTA-STS policy.
CERTIFICATE_NAMES = (
    *(f"mx.{name}" for name in DOMAINS),
    *(f"mta-sts.{name}" for name, domain in DOMAINS.items() if domain.mta_sts),
)


def key_digest(certificate: Path) -> str:
    """SHA-256 of the public key (SubjectPublicKeyInfo) of a PEM certificate, in hexadecimal: a TLSA `3 1 1` value."""
    public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def mta_sts_policies() -> dict[str, str]:
    """Policy host → policy text (RFC 8461 §3.2)."""
    return {
        f"mta-sts.{name}": f"version: STSv1\r\nmode: enforce\r\nmx: mx.{name}\r\nmax_age: 86400\r\n"
        for name, domain in DOMAINS.items()
        if domain.mta_sts
    }


def settle(world: World, outside: Outside, digest: str, service: str) -> None:
    """Say the whole default world. `digest`: the sinks' TLSA value; `service`: the host name of the service itself."""
    for number in range(HOSTS):
        name = NAMES.get(number, f"host{number}.outside.example")
        settle_host(world, outside, name, number)
        for address in (host(outside, number).v4, host(outside, number).v6):
            world.set_pointer(address, name)
    settle_host(world, outside, "ns.outside.example", SINK)
    for name, domain in DOMAINS.items():
        settle_domain(world, outside, name, domain)
        if domain.dane:
            world.set(f"_25._tcp.mx.{name}", "TLSA", f"3 1 1 {digest}")  # DANE-EE, key, SHA-256 (RFC 7672 §3.1.1)
    world.set(service, "A", outside.service_v4)
    world.set(service, "AAAA", outside.service_v6)
    for address in (outside.service_v4, outside.service_v6):
        world.set_pointer(address, service)


def settle_host(world: World, outside: Outside, name: str, number: int) -> None:
    """Addresses of `name` in both families."""
    world.set(name, "A", host(outside, number).v4)
    world.set(name, "AAAA", host(outside, number).v6)


def settle_domain(world: World, outside: Outside, name: str, domain: Domain) -> None:
    """MX, SPF (GOOD alone may send), DMARC, MTA-STS and TLS reporting of one domain."""
    sender = host(outside, GOOD)
    settle_host(world, outside, f"mx.{name}", domain.sink)
    world.set(name, "MX", f"10 mx.{name}.")
    world.set(name, "TXT", f"v=spf1 ip4:{sender.v4} ip6:{sender.v6} -all")
    world.set(f"_dmarc.{name}", "TXT", f"v=DMARC1; p={domain.dmarc}")
    if domain.mta_sts:
        settle_host(world, outside, f"mta-sts.{name}", SINK)
        world.set(f"_mta-sts.{name}", "TXT", "v=STSv1; id=1")
