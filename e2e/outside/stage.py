"""A few engines without the rest of the service: their folders, certificates, files and processes, started and ended."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from kindelpost.config.service import Dns, Listen, Service
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.host.certificates import issue
from kindelpost.engines.host.snapshot import snapshot
from kindelpost.engines.outside import namespace
from kindelpost.engines.outside.hosts import CERTIFICATE_NAMES
from kindelpost.engines.registry import engines, process_table
from kindelpost.engines.supervise import Supervisor
from kindelpost.hands import Hands
from kindelpost.lib.files import make_dir, write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.base import Engine

__all__ = ["Stage"]

WANTED = ("outside", "unbound", "srs", "sts", "nginx")


class Stage:
    """The engines of `WANTED` under `root`, on ports from `port_base` on."""

    def __init__(self, root: Path, port_base: int) -> None:
        service = Service(evaluation=True, listen=Listen(port_base=port_base), dns=Dns(outside=True))
        self.engines = engines(outside=True, only=WANTED)
        versions = {engine.name: numbers(engine.version()) for engine in self.engines}
        outside = namespace.make(root)
        secrets = {"outside-zone": "z" * 32, "srs": "s" * 32}
        facts = Facts(Layout(root), service, versions={**versions, "postfix": (3, 7, 11)}, secrets=secrets, outside=outside)
        self.facts = facts
        self.supervisor = Supervisor(facts.layout)

    def build(self) -> None:
        """Folders, accounts, certificates, rendered and checked configuration; the default world."""
        layout = self.facts.layout
        for path in (layout.root, *(layout.root / name for name in ("etc", "maps", "run", "data", "tls", "log"))):
            make_dir(path)
        hands = Hands(layout.root)
        for account in ("kp-control", *(engine.account for engine in self.engines)):
            hands.call("ensure-account", name=account)
        snapshot(layout.code)
        self.certify()
        for engine in self.engines:
            for folder in engine.directories(self.facts):
                make_dir(folder.path, mode=folder.mode, owner=folder.owner, group=folder.group)
        make_dir(layout.run("supervisor"), mode=0o700)
        for engine in self.engines:
            self.install(engine)

    def certify(self) -> None:
        """The outside's certificate and the service's own, under one authority."""
        tls = self.facts.layout.tls("front").parent
        issue(tls, "outside", CERTIFICATE_NAMES, group="kp-outside")
        issue(tls, "front", (self.facts.service.hostname, *self.facts.addresses))

    def install(self, engine: Engine) -> None:
        """The engine's files in place, its own checker content, its state prepared."""
        etc = make_dir(self.facts.layout.etc(engine.name), owner="root", group=engine.account)
        for name, file in engine.render(self.facts).items():
            write_atomic(etc / name, file.text, mode=file.mode, owner=file.owner, group=file.group or engine.account)
        engine.prepare(self.facts)
        assert engine.validate(self.facts, etc) == []

    def start(self) -> None:
        """Every process, then wait until every probe is content."""
        self.supervisor.start(process_table(self.engines, self.facts))
        until = time.monotonic() + 20
        for engine in self.engines:
            while not (seen := engine.probe(self.facts)).ok:
                assert time.monotonic() < until, f"{engine.name}: {seen.said}"
                time.sleep(0.1)

    def stop(self) -> None:
        """End every process, remove the namespace and the folder."""
        self.supervisor.stop()
        namespace.remove(self.facts.layout.root)
        shutil.rmtree(self.facts.layout.root)


def numbers(version: str) -> tuple[int, ...]:
    """A version as integers."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
