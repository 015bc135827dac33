"""The worker's row: it is restarted for another configuration or code, and its probe believes only a fresh heartbeat."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from kindelpost.config.service import Limits, Service
from kindelpost.engines import control
from kindelpost.engines.control import ENGINE, heartbeat, portal_socket
from kindelpost.engines.facts import Facts, Layout

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _facts(root: Path, **settings: object) -> Facts:
    return Facts(Layout(root), Service(**settings))


def _started_with(facts: Facts) -> str:
    return ENGINE.render(facts)["started-with"].text


def test_another_configuration_makes_another_version(tmp_path: Path) -> None:
    same = _started_with(_facts(tmp_path))
    assert _started_with(_facts(tmp_path)) == same
    assert _started_with(_facts(tmp_path, limits=Limits(message_bytes=2_000_000))) != same


def test_other_code_makes_another_version(tmp_path: Path) -> None:
    facts = _facts(tmp_path)
    before = _started_with(facts)
    facts.layout.code.symlink_to("code.versions/0123456789abcdef")
    assert _started_with(facts) != before
    assert "0123456789abcdef" in _started_with(facts)


def test_no_password_of_the_database_is_written(tmp_path: Path) -> None:
    text = _started_with(_facts(tmp_path, database={"url": "postgresql://kp:hunter2@localhost/kp"}))
    assert "hunter2" not in text


def test_its_own_have_no_reload_so_that_a_new_version_restarts_them(tmp_path: Path) -> None:
    rows = {row.name: row for row in ENGINE.processes(_facts(tmp_path))}
    assert set(rows) == {"hands", "worker", "portal"}
    for each in rows.values():
        assert not each.reload
        assert each.ours
    for name in ("worker", "portal"):
        assert rows[name].account == "kp-control"
        assert not rows[name].sandbox.capabilities


def test_the_helper_has_no_right_to_write_what_is_not_its_own(tmp_path: Path) -> None:
    (hands,) = (row for row in ENGINE.processes(_facts(tmp_path)) if row.name == "hands")
    assert hands.account == "root"
    assert not {"CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_FOWNER", "CAP_NET_ADMIN"} & set(hands.sandbox.capabilities)


def test_a_worker_that_never_began_is_not_well(tmp_path: Path) -> None:
    probe = ENGINE.probe(_facts(tmp_path))
    assert not probe.ok
    assert "not begun" in probe.said


def test_the_portal_answers_where_nginx_alone_reaches_it(tmp_path: Path) -> None:
    facts = _facts(tmp_path)
    (folder,) = (each for each in ENGINE.directories(facts) if each.path == portal_socket(facts.layout).parent)
    assert (folder.owner, folder.group, folder.mode) == ("kp-control", "kp-nginx", 0o2750)
    (portal,) = (row for row in ENGINE.processes(facts) if row.name == "portal")
    assert not portal.sandbox.network
    assert "hands" not in str(portal.sandbox.writes)


def test_a_portal_that_does_not_answer_is_not_well(tmp_path: Path) -> None:
    facts = _facts(tmp_path)
    beat = heartbeat(facts.layout.run("control"))
    beat.parent.mkdir(parents=True)
    beat.touch()
    probe = ENGINE.probe(facts)
    assert not probe.ok
    assert "the portal answers nothing" in probe.said


def test_a_worker_is_well_while_its_heartbeat_is_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_portal_status", lambda _facts: 200)
    facts = _facts(tmp_path)
    beat = heartbeat(facts.layout.run("control"))
    beat.parent.mkdir(parents=True)
    beat.touch()
    assert ENGINE.probe(facts).ok
    old = time.time() - 11
    os.utime(beat, (old, old))
    assert not ENGINE.probe(facts).ok
