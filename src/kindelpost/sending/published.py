"""What DNS shows now of the records that a client publishes, asked of the service's own validating resolver."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import dns.exception
import dns.resolver
from django.conf import settings

from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.unbound.address import resolver_address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kindelpost.mail.records import Record

    Ask = Callable[[str, str], list[str]]

__all__ = ["Shown", "published"]

SECONDS = 3.0
AT_ONCE = 8


@dataclass(frozen=True)
class Shown:
    """A record and what DNS says of it: published, different (what is there instead), missing, or unknown (no answer)."""

    record: Record
    state: Literal["published", "different", "missing", "unknown"]
    seen: tuple[str, ...] = ()


def published(records: Sequence[Record], ask: Ask | None = None) -> list[Shown]:
    """Each record with what DNS shows; no answer is unknown, never missing."""
    asked = ask or _resolver()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda record: _shown(record, asked), records))


def _shown(record: Record, ask: Ask) -> Shown:
    try:
        answers = ask(record.name, record.type)
    except (dns.exception.DNSException, OSError):
        return Shown(record, "unknown")
    seen = tuple(one for one in answers if _kind(one) == _kind(record.value)) if record.type == "TXT" else tuple(answers)
    same = [one for one in seen if _plain(one) == _plain(record.value)]
    if record.type == "TLSA" and same:  # others beside it are a key that is being replaced
        return Shown(record, "published")
    if same and len(seen) == 1:
        return Shown(record, "published")
    return Shown(record, "different" if seen else "missing", seen)


def _kind(text: str) -> str:
    """What a TXT record is for: its version tag, such as v=spf1."""
    return text.replace(";", " ").strip().partition(" ")[0].lower()


def _plain(text: str) -> str:
    return "".join(text.split()).lower() if not text.startswith("v=DKIM1") else "".join(text.split())


def _resolver() -> Ask:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [resolver_address(Facts(Layout(settings.INSTANCE), settings.SERVICE))]
    resolver.lifetime = SECONDS

    def ask(name: str, kind: str) -> list[str]:
        try:
            answer = resolver.resolve(f"{name}.", kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        if kind == "TXT":
            return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]
        return [row.to_text() for row in answer]

    return ask
