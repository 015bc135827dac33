"""PostSRSd's secret, arguments and lookups."""

from __future__ import annotations

from pathlib import Path

import pytest

from kindelpost.config.service import Listen, Service
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.srs.render import listeners, postfix_lookup, processes, render
from kindelpost.engines.srs.validate import validate

FACTS = Facts(Layout(Path("/srv/kindelpost")), Service(listen=Listen(port_base=29000)), secrets={"srs": "s" * 32})


def test_the_secret_is_in_a_file_and_in_no_argument() -> None:
    assert render(FACTS)["secret"].text == "s" * 32 + "\n"
    (process,) = processes(FACTS)
    assert process.argv == (
        "/usr/sbin/postsrsd",
        "-s/srv/kindelpost/etc/srs/secret",
        "-dmail.kindelpost.example",
        "-l127.0.0.1",
        "-4",
        f"-f{FACTS.port('srs-forward')}",
        f"-r{FACTS.port('srs-reverse')}",
    )
    assert process.account == "kp-srs"


def test_postfix_asks_the_ports_that_are_declared() -> None:
    assert postfix_lookup(FACTS) == tuple(f"tcp:127.0.0.1:{listener.port}" for listener in listeners(FACTS))
    assert all(listener.internal for listener in listeners(FACTS))


@pytest.mark.parametrize(("secret", "complaints"), [("", 1), ("short", 1), ("s" * 32, 0)])
def test_a_secret_too_short_is_refused(tmp_path: Path, secret: str, complaints: int) -> None:
    (tmp_path / "secret").write_text(f"{secret}\n", encoding="utf-8")
    assert len(validate(FACTS, tmp_path)) == complaints
