"""The outside world on this machine: a network namespace with documentation addresses, a signed DNS, senders, mail sinks.

Serves every test of P3, P5 and P6 that must come from no trusted address, and the evaluation (E2). One namespace an instance:
`namespace.make` and `remove`; `world.World` says what its DNS answers; `hosts` is who lives there; `client` sends from there;
`sink.received` is what arrived there. Never: part of a production service, an address of the real Internet, a process as root.
"""

from __future__ import annotations

from kindelpost.engines.base import Engine
from kindelpost.engines.outside.probe import probe
from kindelpost.engines.outside.processes import directories, processes
from kindelpost.engines.outside.render import render
from kindelpost.engines.outside.validate import prepare, validate, version

__all__ = ["ENGINE"]

ENGINE = Engine(
    name="outside",
    account="kp-outside",
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=processes,
    directories=directories,
    secrets=("outside-zone",),
    prepare=prepare,
)
