"""The service's resolver in the outside world: validated, insecure and bogus names, and changes seen at once (P5.6)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import dns.flags
import dns.rcode
import dns.reversename
import pytest

from kindelpost.engines.outside.hosts import GOOD
from kindelpost.engines.outside.namespace import host
from kindelpost.engines.outside.world import World
from kindelpost.engines.unbound.probe import ask

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("secure.example", "MX"),
        ("_25._tcp.mx.secure.example", "TLSA"),
        ("reject.example", "TXT"),
        ("ns.outside.example", "AAAA"),
    ],
)
def test_a_signed_name_is_validated(facts: Facts, name: str, kind: str) -> None:
    reply = ask(facts, name, kind)
    assert reply.rcode() == dns.rcode.NOERROR
    assert reply.answer
    assert reply.flags & dns.flags.AD


def test_addresses_have_names_in_both_families(facts: Facts) -> None:
    assert facts.outside
    for address in (host(facts.outside, GOOD).v4, host(facts.outside, GOOD).v6):
        reply = ask(facts, dns.reversename.from_address(address).to_text(), "PTR")
        assert reply.answer[0][0].to_text() == "good.outside.example."
    for address in (facts.outside.service_v4, facts.outside.service_v6):
        reply = ask(facts, dns.reversename.from_address(address).to_text(), "PTR")
        assert reply.answer[0][0].to_text() == f"{facts.service.hostname}."


def test_absence_is_validated_too(facts: Facts) -> None:
    reply = ask(facts, "nobody.example", "A")
    assert reply.rcode() == dns.rcode.NXDOMAIN
    assert reply.flags & dns.flags.AD


def test_an_insecure_delegation_is_answered_without_the_ad_bit(facts: Facts) -> None:
    reply = ask(facts, "unsigned.example", "MX")
    assert reply.answer
    assert not reply.flags & dns.flags.AD


def test_a_bogus_zone_is_no_answer(facts: Facts) -> None:
    assert ask(facts, "bogus.example", "MX").rcode() == dns.rcode.SERVFAIL


def test_a_published_change_is_seen_within_two_seconds(facts: Facts) -> None:
    world = World(facts)
    for text in ("first", "second"):
        world.set("changing.example", "TXT", text)
        began = time.monotonic()
        world.publish()
        assert time.monotonic() - began < 0.5
        while f'"{text}"' not in str(ask(facts, "changing.example", "TXT")):
            assert time.monotonic() - began < 2
            time.sleep(0.05)
    assert World(facts).records["changing.example.", "TXT"] == ['"second"']
