from __future__ import annotations

from pathlib import Path

import pytest

from kindelpost.config.service import Filtering, Service
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.rspamd import ENGINE
from kindelpost.engines.rspamd.render import SIGN_HEADERS, render

GOLDEN = Path(__file__).parent / "golden"
RENDERED_LUA = ("/facts.lua", "/rules.lua")
RELEASES = {"3.4": (3, 4), "3.12": (3, 12, 1)}
SECRETS = {"redis-rspamd": "made-up-redis", "rspamd-controller": "made-up-controller"}


def facts(release: str, service: Service | None = None) -> Facts:
    return Facts(Layout(Path("/srv/kp")), service or Service(), {"rspamd": RELEASES[release]}, SECRETS)


def shown(release: str) -> str:
    """Everything that is rendered from a template, in one text; the Lua is ours as it stands."""
    files = render(facts(release), cores=2)
    templates = {
        name: file for name, file in files.items() if not name.startswith("kindelpost/") or name.endswith(RENDERED_LUA)
    }
    return "".join(f"==> {name} <==\n{file.text}" for name, file in sorted(templates.items()))


@pytest.mark.parametrize("release", RELEASES)
def test_the_rendered_files_are_the_recorded_ones(release: str) -> None:
    assert shown(release) == (GOLDEN / f"{release}.txt").read_text()


@pytest.mark.parametrize("release", RELEASES)
def test_no_rendered_file_reads_a_list_from_the_network(release: str) -> None:
    assert not [name for name, file in render(facts(release)).items() if "http://" in file.text or "https://" in file.text]


@pytest.mark.parametrize("release", RELEASES)
def test_each_secret_is_in_one_file(release: str) -> None:
    files = render(facts(release))
    for secret in SECRETS.values():
        assert len([name for name, file in files.items() if secret in file.text]) == 1


@pytest.mark.parametrize("release", RELEASES)
def test_the_state_server_is_asked_by_name_where_rspamd_can(release: str) -> None:
    assert ('username = "rspamd"' in render(facts(release))["local.d/redis.conf"].text) == (release == "3.12")


def test_the_thresholds_are_the_service_configurations() -> None:
    text = render(facts("3.4", Service(filtering=Filtering(junk_score=4.5, reject_score=20))))["local.d/actions.conf"].text
    assert "add_header = 4.5;" in text
    assert "reject = 20.0;" in text


@pytest.mark.parametrize(
    "header", ["from", "to", "cc", "subject", "date", "message-id", "reply-to", "content-type", "sender", "mime-version"]
)
def test_what_a_replay_would_add_is_oversigned(header: str) -> None:
    assert f"(o){header}" in SIGN_HEADERS.split(":")


def test_it_runs_as_its_own_account_with_sockets_only() -> None:
    [process] = ENGINE.processes(facts("3.4"))
    assert process.account == "kp-rspamd"
    assert ENGINE.listeners(facts("3.4")) == ()
    assert "127.0.0.1:1133" not in render(facts("3.4"))["rspamd.conf"].text


def test_every_rule_is_loaded_or_required_by_one_that_is() -> None:
    files = render(facts("3.4"))
    ours = {
        name.removeprefix("kindelpost/").removesuffix(".lua")
        for name in files
        if name.endswith(".lua") and name.startswith("kindelpost/")
    }
    everything = "\n".join(file.text for file in files.values())
    assert not [name for name in ours if f"kindelpost.{name}" not in everything and f"kindelpost/{name}.lua" not in everything]


def test_rspamd_does_not_start_without_our_rules() -> None:
    """`lua =` names a file that must be there; rspamd.local.lua is one that may be (P3.7)."""
    files = render(facts("3.4"))
    assert 'lua = "$LOCAL_CONFDIR/kindelpost/rules.lua";' in files["rspamd.conf"].text
    assert "rspamd.local.lua" not in files


def test_every_rule_is_guarded() -> None:
    rules = render(facts("3.4"))["kindelpost/rules.lua"].text
    assert rules.count("callback = guard.rule(name, callback)") == 1
    assert rules.count("register_symbol") == 2  # that one, and the virtual ones that have no callback
