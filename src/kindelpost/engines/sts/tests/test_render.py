"""The MTA-STS resolver's configuration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kindelpost.config.service import Dns, Listen, Service
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.sts.render import directories, postfix_lookup, processes, render
from kindelpost.engines.sts.validate import validate

GOLDEN = Path(__file__).parent / "golden"
FACTS = Facts(Layout(Path("/srv/kindelpost")), Service(), versions={"postfix": (3, 7, 11)})
PLAYED = replace(FACTS, service=Service(evaluation=True, listen=Listen(port_base=29000), dns=Dns(outside=True)))


@pytest.mark.parametrize("version", [(3, 7, 11), (3, 10, 13)])
def test_the_configuration_is_the_golden_one_and_its_own_loader_takes_it(version: tuple[int, ...], tmp_path: Path) -> None:
    text = render(replace(FACTS, versions={"postfix": version}))["sts.yml"].text
    assert text == (GOLDEN / f"postfix-{version[0]}.{version[1]}.yml").read_text(encoding="utf-8")
    (tmp_path / "sts.yml").write_text(text, encoding="utf-8")
    assert validate(FACTS, tmp_path) == []
    (tmp_path / "sts.yml").write_text("cache: {", encoding="utf-8")
    assert validate(FACTS, tmp_path)


def test_only_an_evaluation_trusts_the_evaluation_authority() -> None:
    assert "SSL_CERT_FILE" not in processes(FACTS)[0].env
    assert processes(PLAYED)[0].env["SSL_CERT_FILE"] == "/srv/kindelpost/tls/ca/ca.pem"


def test_it_sees_our_resolver_in_both() -> None:
    for facts in (FACTS, PLAYED):
        assert processes(facts)[0].binds == {"/srv/kindelpost/etc/unbound/resolv.conf": "/etc/resolv.conf"}


def test_the_socket_is_shared_with_postfix_alone() -> None:
    assert postfix_lookup(FACTS) == "socketmap:unix:/srv/kindelpost/run/sts/sts.sock:postfix"
    folder = next(folder for folder in directories(FACTS) if folder.path == FACTS.layout.run("sts"))
    assert (folder.owner, folder.group, folder.mode) == ("kp-sts", "postfix", 0o2750)
