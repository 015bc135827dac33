"""Unbound's files: what is rendered, and what must hold in it whatever the instance."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from kindelpost.config.service import Dns, Listen, Service
from kindelpost.engines.facts import Facts, Layout, Outside
from kindelpost.engines.unbound.address import resolver_address
from kindelpost.engines.unbound.render import listeners, processes, render

GOLDEN = Path(__file__).parent / "golden"
OUTSIDE = Outside("kp-0badcafe", "203.0.113.1", "2001:db8:1::1", "203.0.113.2", "2001:db8:1::2")
REAL = Facts(Layout(Path("/srv/kindelpost")), Service())
PLAYED = replace(
    REAL,
    service=Service(evaluation=True, listen=Listen(port_base=29000), dns=Dns(outside=True)),
    secrets={"outside-zone": "a secret of the test"},
    outside=OUTSIDE,
)


@pytest.mark.parametrize("version", [(1, 17, 1), (1, 26, 2)])
@pytest.mark.parametrize(("name", "facts"), [("real", REAL), ("outside", PLAYED)])
def test_the_files_are_the_golden_ones_on_both_releases(name: str, facts: Facts, version: tuple[int, ...]) -> None:
    files = render(replace(facts, versions={"unbound": version}))
    assert {path: file.text for path, file in files.items()} == {
        "unbound.conf": (GOLDEN / f"{name}.conf").read_text(encoding="utf-8"),
        "resolv.conf": (GOLDEN / f"{name}.resolv.conf").read_text(encoding="utf-8"),
    }


def test_every_address_is_loopback_and_nobody_else_is_answered() -> None:
    lines = render(REAL)["unbound.conf"].text.split("\n")
    listening = [line.split()[1].partition("@")[0] for line in lines if line.strip().startswith("interface:")]
    assert listening
    assert all(ip_address(address) in ip_network("127.0.0.0/8") for address in listening)
    assert [line.split()[1] for line in lines if line.endswith(" allow")] == ["127.0.0.0/8"]


def test_the_outside_world_is_asked_only_where_the_configuration_says_so() -> None:
    text = render(replace(PLAYED, service=Service()))["unbound.conf"].text
    assert "stub-zone" not in text
    assert "auto-trust-anchor-file" in text


def test_each_instance_has_an_address_of_its_own_that_never_changes() -> None:
    addresses = {resolver_address(replace(REAL, layout=Layout(Path(f"/srv/{number}")))) for number in range(50)}
    assert len(addresses) == 50
    assert all(ip_address(address) in ip_network("127.64.0.0/10") for address in addresses)
    assert resolver_address(REAL) == resolver_address(PLAYED)


def test_it_is_never_root_and_keeps_one_capability() -> None:
    (process,) = processes(REAL)
    assert process.account == "kp-unbound"
    assert process.sandbox.capabilities == ("CAP_NET_BIND_SERVICE",)
    assert all(listener.internal for listener in listeners(REAL))
