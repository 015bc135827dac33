"""nginx's configuration and security.txt."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindelpost.config.service import Listen, Service
from kindelpost.engines.facts import Facts, Layout, Outside
from kindelpost.engines.nginx.render import render, security_txt

GOLDEN = Path(__file__).parent / "golden"
OUTSIDE = Outside("kp-0badcafe", "203.0.113.1", "2001:db8:1::1", "203.0.113.2", "2001:db8:1::2")
FACTS = Facts(Layout(Path("/srv/kindelpost")), Service(evaluation=True, listen=Listen(port_base=29000)), outside=OUTSIDE)


@pytest.mark.parametrize("version", [(1, 22, 1), (1, 26, 3)])
def test_the_configuration_is_the_golden_one_on_both_releases(version: tuple[int, ...]) -> None:
    files = render(replace(FACTS, versions={"nginx": version}))
    assert files["nginx.conf"].text == (GOLDEN / "nginx.conf").read_text(encoding="utf-8")


def test_every_listener_is_tls_of_at_least_1_2() -> None:
    text = render(FACTS)["nginx.conf"].text
    listening = re.findall(r"^\s+listen .*;$", text, re.MULTILINE)
    assert len(listening) == 3 * len(FACTS.addresses)
    assert all(" ssl" in line for line in listening)
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text


@given(st.text(max_size=80))
def test_no_host_name_reaches_a_file_outside_the_policies(host: str) -> None:
    found = re.search(r'server_name "~(.+)";', render(FACTS)["nginx.conf"].text)
    assert found
    matched = re.match(found[1].replace("(?<", "(?P<"), host, re.ASCII)
    assert matched is None or "/" not in matched["policy_domain"]


def test_security_txt_says_whom_to_tell_and_until_when() -> None:
    text = security_txt(FACTS, datetime(2027, 5, 23, tzinfo=UTC))
    assert "Contact: mailto:security@provider.example\n" in text
    assert "Expires: 2027-05-23T00:00:00Z\n" in text
    assert "Canonical: https://mail.kindelpost.example/.well-known/security.txt\n" in text
