"""Evidence and status through the API."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from kindelpost.config.version import VERSION
from kindelpost.engines.control import heartbeat
from kindelpost.practice.verify import verify_file

if TYPE_CHECKING:
    from kindelpost.api.tests.conftest import Program
    from kindelpost.engines.facts import Layout


def test_the_export_verifies_and_is_the_tokens_clients(program: Program) -> None:
    for role, path, client in (
        ("alfa", "evidence", "alfa"),
        ("provider", "evidence", ""),
        ("provider", "evidence?client=beta", "beta"),
    ):
        answer = program.ask(role, "GET", path)
        assert (answer.status, answer.type) == (200, "application/jsonl")
        assert (verify_file(io.BytesIO(answer.text.encode())).client or "") == client


def test_the_provider_sees_whether_the_worker_moves(program: Program, instance: Layout) -> None:
    assert program.ask("provider", "GET", "status").json["worker_silent_s"] is None
    instance.run("control").mkdir(parents=True)
    heartbeat(instance.run("control")).touch()
    os.utime(heartbeat(instance.run("control")), None)
    found = program.ask("provider", "GET", "status").json
    assert (found["version"], found["clients"], found["mailboxes"]) == (VERSION, 2, 3)
    assert found["waiting"] > 0
