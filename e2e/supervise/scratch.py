"""A scratch instance whose only engine is the small forking server beside this file: real processes, no mail."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindelpost.config.service import Service
from kindelpost.engines.base import Engine, File, Listener, Probe, Process, Sandbox
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.supervise import Supervisor

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT = "kp-outside"
PORT = 44001
FAKE = Path(__file__).with_name("fake.py")


def say(port: int, timeout: float = 1.0) -> str:
    """What the server at `port` answers, "" when nobody does."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout) as channel:
            channel.settimeout(timeout)
            return channel.recv(100).decode()
    except OSError:
        return ""


@dataclass
class Scratch:
    """The instance, and what its engine is to be told next."""

    layout: Layout
    told: dict[str, Any] = field(default_factory=lambda: {"port": PORT, "word": "one", "sick": ""})
    has_reload: bool = True
    complaints: list[str] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        return Facts(self.layout, Service())

    @property
    def control(self) -> Supervisor:
        return Supervisor(self.layout)

    @property
    def table(self) -> tuple[Process, ...]:
        return self.engine.processes(self.facts)

    @property
    def engine(self) -> Engine:
        return Engine(
            name="fake",
            account=ACCOUNT,
            render=self._render,
            validate=self._validate,
            probe=self._probe,
            version=lambda: "1.0",
            processes=self._processes,
            listeners=lambda _facts: (Listener(self.told["port"], "fake"),),
        )

    def _render(self, _facts: Facts) -> Mapping[str, File]:
        return {"fake.json": File(json.dumps(self.told))}

    def _validate(self, facts: Facts, staged: Path) -> list[str]:
        seen = (facts.layout.etc("fake") / "fake.json").read_text(encoding="utf-8")
        staged_too = seen == (staged / "fake.json").read_text(encoding="utf-8")
        return [*self.complaints, *([] if staged_too else ["the checker does not see the staged file at its live path"])]

    def _probe(self, _facts: Facts) -> Probe:
        answer = say(self.told["port"])
        return Probe(answer.split(" ")[0] == self.told["word"], answer or "it does not answer")

    def _processes(self, facts: Facts) -> tuple[Process, ...]:
        argv = ("/usr/bin/python3", "-I", str(self.layout.root / "fake.py"), str(facts.layout.etc("fake") / "fake.json"))
        reload = ("signal", "HUP") if self.has_reload else ()
        return (Process("fake", argv, ACCOUNT, reload=reload, stop_seconds=3, sandbox=Sandbox()),)
