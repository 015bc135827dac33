"""Fail closed (P3.7): a broken rule, a map or a key that cannot be read defer mail and fail the probe; they never let it pass.

Each breakage is mended again and the same message passes: a filter that refuses everything would prove nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from e2e.filter.mails import letter
from e2e.filter.milter import Envelope
from kindelpost.engines.rspamd import ENGINE as RSPAMD
from kindelpost.engines.rspamd.probe import ask, probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.filter.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
OUT = Envelope(door="submission", login="alice@a.example", sender="alice@a.example", recipients=("x@remote.example",))
OWN = letter("From: Alice <alice@a.example>")


@contextmanager
def broken(stage: Stage, path: Path, text: str | None = None) -> Iterator[None]:
    """Rspamd restarted with the file at `path` changed to `text`, or unreadable; whole again afterwards."""
    was, mode = path.read_text(encoding="utf-8"), path.stat().st_mode
    if text is None:
        path.chmod(0)
    else:
        path.write_text(text, encoding="utf-8")
    try:
        stage.restart("rspamd")
        yield
    finally:
        path.write_text(was, encoding="utf-8")
        path.chmod(mode)
        stage.stop("rspamd")
        stage.start("rspamd")
    assert stage.send(letter()).inbox
    assert len(stage.send(OWN, OUT).added("DKIM-Signature")) == 2


@pytest.mark.parametrize("name", ["hosted_domains", "owners", "forwards", "signing"])
@pytest.mark.parametrize("text", [None, ""], ids=["unreadable", "empty"])
def test_a_map_that_was_not_read_defers_all_mail(stage: Stage, name: str, text: str | None) -> None:
    with broken(stage, stage.facts.layout.maps("rspamd") / f"{name}.map", text):
        assert stage.send(letter()).deferred
        assert stage.send(OWN, OUT).deferred
        assert f"{name}.map is not loaded" in stage.log("rspamd")
        seen = probe(stage.facts)
        assert not seen.ok
        assert "defers all mail" in seen.said


RULES = {
    "ownership": ("function ownership.check(task)", OWN, OUT),
    "inbound": ("function inbound.check(task)", letter(), Envelope()),
    "dmarc": ("function dmarc.rule(task)", letter(), Envelope()),
    "headers": ("function headers.strip(task)", letter(), Envelope()),
    "virus": ("function virus.scan(task)", letter(), Envelope()),
    "signing": ("function signing.dkim(task)", OWN, OUT),
}


@pytest.mark.parametrize("rule", RULES)
def test_an_error_of_a_rule_defers_what_it_should_have_judged(stage: Stage, rule: str) -> None:
    head, raw, envelope = RULES[rule]
    path = stage.facts.layout.etc("rspamd") / "kindelpost" / f"{rule}.lua"
    was = path.read_text(encoding="utf-8")
    assert head in was
    with broken(stage, path, was.replace(head, f"{head}\n  local nothing\n  nothing.at_all = 1\n")):
        verdict = stage.send(raw, envelope)
        assert verdict.deferred, verdict
        assert "attempt to index" in stage.log("rspamd")


@pytest.mark.parametrize("selector", ["rsa1", "ed1"])
def test_mail_that_cannot_be_signed_waits(stage: Stage, selector: str) -> None:
    """P5.2: never half signed, never unsigned."""
    with broken(stage, stage.facts.layout.maps("rspamd") / "dkim" / f"a.example.{selector}.key"):
        verdict = stage.send(OWN, OUT)
        assert verdict.deferred, verdict
        assert stage.send(letter()).inbox, "incoming mail needs no key"


@pytest.mark.parametrize("text", ["this is no Lua", "error('broken')", None], ids=["syntax", "error", "unreadable"])
def test_without_our_rules_rspamd_does_not_start(stage: Stage, text: str | None) -> None:
    """No milter answers then, and Postfix defers (milter_default_action)."""
    with broken(stage, stage.facts.layout.etc("rspamd") / "kindelpost" / "rules.lua", text):
        with pytest.raises(OSError, match=r"."):
            ask(stage.facts.layout.run("rspamd") / "milter.sock")
        assert not probe(stage.facts).ok
        if text:
            assert RSPAMD.validate(stage.facts, stage.facts.layout.etc("rspamd"))


def test_rules_that_are_not_registered_fail_the_probe(stage: Stage) -> None:
    with broken(stage, stage.facts.layout.etc("rspamd") / "kindelpost" / "rules.lua", "package.path = '/nowhere'\n"):
        seen = probe(stage.facts)
        assert not seen.ok
