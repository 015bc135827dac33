"""NSD's own checker, its version, and the default world that must be there before NSD starts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kindelpost.engines.outside.hosts import key_digest, settle
from kindelpost.engines.outside.world import World
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["prepare", "validate", "version"]


def version() -> str:
    """The installed release of NSD, such as 4.6.1."""
    return run(["nsd", "-v"], check=False).said.split()[2]


def validate(facts: Facts, staged: Path) -> list[str]:
    """What nsd-checkconf says; and that sink.json is one."""
    if facts.outside is None:
        return []
    json.loads((staged / "sink.json").read_text(encoding="utf-8"))
    done = run(["nsd-checkconf", staged / "nsd.conf"], check=False)
    return done.said.splitlines()


def prepare(facts: Facts) -> None:
    """Say and sign the default world; what was said beyond it in this instance is kept. tls/outside must be there."""
    if facts.outside is None:
        return
    world = World(facts)
    settle(world, facts.outside, key_digest(facts.layout.tls("outside") / "fullchain.pem"), facts.service.hostname)
    world.publish()
