"""The outside world without a namespace: addresses, records, signatures, configuration."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import dns.dnssec
import dns.name
import dns.node
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindelpost.config.service import Dns, Listen, Service
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.outside import ENGINE, hosts, namespace, signing
from kindelpost.engines.outside.namespace import HOSTS, enter, host, name_of, slot
from kindelpost.engines.outside.sink import load
from kindelpost.engines.outside.world import BOGUS, ROOT, UNSIGNED, World, quoted, zones
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.run import Finished

if TYPE_CHECKING:
    from collections.abc import Sequence

GOLDEN = Path(__file__).parent / "golden"
SECRET = "a secret of the test"
SERVICE = Service(evaluation=True, listen=Listen(port_base=29000), dns=Dns(outside=True))


def facts_at(root: Path) -> Facts:
    return Facts(Layout(root), SERVICE, secrets={"outside-zone": SECRET}, outside=slot("kp-0badcafe", 0))


@pytest.fixture
def world(tmp_path: Path) -> World:
    facts = facts_at(tmp_path)
    facts.layout.data("outside").mkdir(parents=True)
    made = World(facts)
    hosts.settle(made, slot("kp-0badcafe", 0), "ab" * 32, "mail.kindelpost.example")
    return made


def served(world: World) -> dict[str, dns.zone.Zone]:
    return {
        name: dns.zone.from_text(text, origin=name, relativize=False) for name, text in zones(world.records, 1, SECRET).items()
    }


def test_the_slots_are_apart_and_of_the_documentation_ranges() -> None:
    seen: set[str] = set()
    for number in range(16):
        outside = slot("kp-0badcafe", number)
        own = {outside.service_v4, outside.service_v6}
        for there in (host(outside, index) for index in range(HOSTS)):
            own |= {there.v4, there.v6}
        assert len(own) == 2 * (HOSTS + 1)
        assert not own & seen
        seen |= own
        v4 = ip_network(f"{outside.service_v4}/{outside.prefix_v4}", strict=False)
        v6 = ip_network(f"{outside.service_v6}/{outside.prefix_v6}", strict=False)
        assert all(ip_address(address) in (v4 if "." in address else v6) for address in own)
        assert str(v4.broadcast_address) not in own
    assert all(ip_address(one) in (ip_network("203.0.113.0/24") if "." in one else ip_network("2001:db8::/32")) for one in seen)


def test_a_namespace_is_named_after_its_instance() -> None:
    assert name_of(Path("/srv/a")) == name_of(Path("/srv/b/../a"))
    assert name_of(Path("/srv/a")) != name_of(Path("/srv/b"))
    assert len(name_of(Path("/srv/a"))) <= 15  # IFNAMSIZ, less its terminating zero: netdevice(7)


def test_a_machine_without_namespaces_says_so_and_nothing_half_made_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    called: list[tuple[str, ...]] = []

    def refuse(argv: Sequence[str], **_options: object) -> Finished:
        called.append(tuple(argv))
        if tuple(argv[:3]) == ("ip", "netns", "add"):
            raise EngineFault("run-failed", "mount --make-shared /run/netns failed: Operation not permitted")
        return Finished(tuple(argv), 0, "[]", "")

    monkeypatch.setattr(namespace, "run", refuse)
    monkeypatch.setattr(namespace, "LOCK", tmp_path)
    with pytest.raises(EngineFault, match="Operation not permitted") as caught:
        namespace.make(tmp_path)
    assert caught.value.code == "outside-forbidden"
    assert caught.value.hint
    assert called[-2:] == [("ip", "link", "delete", name_of(tmp_path)), ("ip", "netns", "delete", name_of(tmp_path))]


def test_a_program_inside_has_its_own_account_and_no_other_group() -> None:
    assert {"--reuid=kp-outside", "--regid=kp-outside", "--clear-groups"} <= set(enter("kp-0badcafe", "kp-outside"))


def test_the_signed_zones_verify_and_the_bogus_one_does_not_reach_its_ds(world: World) -> None:
    zone = served(world)
    root, bogus = zone[ROOT], zone[BOGUS]
    keys: dict[dns.name.Name, dns.node.Node | dns.rdataset.Rdataset] = {
        dns.name.root: root.find_rdataset(dns.name.root, dns.rdatatype.DNSKEY)
    }
    for name in (dns.name.from_text("secure.example"), dns.name.from_text("_25._tcp.mx.secure.example")):
        kind = dns.rdatatype.MX if len(name) == 3 else dns.rdatatype.TLSA
        signature = root.find_rdataset(name, dns.rdatatype.RRSIG, kind)
        dns.dnssec.validate((name, root.find_rdataset(name, kind)), (name, signature), keys)
    promised = root.find_rdataset(dns.name.from_text(BOGUS), dns.rdatatype.DS)[0]
    used = bogus.find_rdataset(dns.name.from_text(BOGUS), dns.rdatatype.DNSKEY)[0]
    assert dns.dnssec.make_ds(BOGUS, used, "SHA256") != promised


def test_the_unsigned_zone_is_delegated_without_ds(world: World) -> None:
    root = served(world)[ROOT]
    name = dns.name.from_text(UNSIGNED)
    assert root.get_rdataset(name, dns.rdatatype.NS)
    assert not root.get_rdataset(name, dns.rdatatype.DS)
    assert not served(world)[UNSIGNED].get_rdataset(name, dns.rdatatype.RRSIG, dns.rdatatype.MX)


def test_the_anchor_follows_from_the_secret_and_is_the_roots_key(world: World) -> None:
    assert signing.anchor(SECRET) == signing.anchor(SECRET) != signing.anchor("another")
    key = served(world)[ROOT].find_rdataset(dns.name.root, dns.rdatatype.DNSKEY)[0]
    assert signing.anchor(SECRET).endswith(key.to_text())


def test_what_was_said_is_kept_and_can_be_unsaid(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kindelpost.lib.files.chown", lambda *_: None)  # the account kp-outside need not be on this machine
    world.set("New.Example", "txt", "v=spf1 -all")
    world.publish()
    again = World(world.facts)
    assert again.records == world.records
    assert again.records["new.example.", "TXT"] == ['"v=spf1 -all"']
    again.set("new.example", "TXT", [])
    assert ("new.example.", "TXT") not in again.records


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=600))
def test_any_text_survives_as_a_txt_record(text: str) -> None:
    record = dns.rrset.from_text("a.example.", 1, "IN", "TXT", quoted(text))[0]
    assert b"".join(record.strings).decode() == text


@given(st.binary(max_size=200))
def test_a_kept_message_comes_back_byte_for_byte(content: bytes) -> None:
    kept = {"at": "", "client": "", "helo": "", "sender": "", "recipients": ["a@b.example"], "tls": "", "cipher": ""}
    assert load(json.loads(json.dumps({**kept, "content": content.decode("latin-1")}))).content == content


def test_the_files_are_the_golden_ones() -> None:
    files = ENGINE.render(facts_at(Path("/srv/kindelpost")))
    assert {name: file.text for name, file in files.items()} == {
        name: (GOLDEN / name).read_text(encoding="utf-8") for name in ("nsd.conf", "sink.json")
    }


def test_without_an_outside_world_there_is_nothing() -> None:
    facts = replace(facts_at(Path("/srv/kindelpost")), outside=None)
    assert not ENGINE.render(facts)
    assert not ENGINE.processes(facts)
    assert not ENGINE.directories(facts)
    assert ENGINE.probe(facts).ok


def test_every_process_lives_in_the_namespace_and_none_is_root() -> None:
    for process in ENGINE.processes(facts_at(Path("/srv/kindelpost"))):
        assert (process.netns, process.account) == ("kp-0badcafe", "kp-outside")


def test_the_certificate_covers_every_exchanger_and_every_policy_host() -> None:
    assert {f"mx.{name}" for name in hosts.DOMAINS} | set(hosts.mta_sts_policies()) == set(hosts.CERTIFICATE_NAMES)
