"""The state of every engine, as `kindelpost status` knows it: supervisor and sockets are root's to ask.

The helper may read all but not connect: its capabilities stop at a socket's mode, and a refusal there would be told as an
engine that does not answer. So a probe that fails is run again as the engine's own account.
"""

from __future__ import annotations

import multiprocessing
import os
import pwd
from typing import TYPE_CHECKING, Any

from kindelpost.engines.base import Probe
from kindelpost.engines.states import describe

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from kindelpost.engines.base import Engine
    from kindelpost.engines.facts import Facts
    from kindelpost.engines.instance import Instance

__all__ = ["look"]

FORK = multiprocessing.get_context("fork")
SECONDS = 20


def look(instance: Instance) -> dict[str, Any]:
    """The shape of `kindelpost status --json`."""
    waiting = {engine.name: _begin(engine, instance.facts) for engine in instance.engines}
    found = {name: _end(answer) for name, answer in waiting.items()}
    return describe(instance, lambda engine: found[engine.name])


def _begin(engine: Engine, facts: Facts) -> Connection:
    here, there = FORK.Pipe(duplex=False)
    FORK.Process(target=_probe, args=(engine, facts, there), daemon=True).start()
    there.close()
    return here


def _probe(engine: Engine, facts: Facts, answer: Connection) -> None:
    found = engine.probe(facts)
    if not found.ok:
        account = pwd.getpwnam(engine.account)
        os.initgroups(engine.account, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        found = engine.probe(facts)
    answer.send((found.ok, found.said, found.limits))


def _end(answer: Connection) -> Probe:
    try:
        if answer.poll(SECONDS):
            ok, said, limits = answer.recv()
            return Probe(ok=ok, said=said, limits=limits)
    except EOFError:
        return Probe(ok=False, said="The probe broke.")
    return Probe(ok=False, said=f"The probe did not end within {SECONDS} s.")
