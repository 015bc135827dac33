"""The outside world's processes and folders."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kindelpost.engines.base import Directory, Process, Sandbox

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["directories", "processes"]

ACCOUNT = "kp-outside"


def directories(facts: Facts) -> tuple[Directory, ...]:
    """State of the name server, the sink's inbox, and the name server's control socket."""
    if facts.outside is None:
        return ()
    data = facts.layout.data("outside")
    return tuple(Directory(path, ACCOUNT, ACCOUNT) for path in (data, data / "inbox", facts.layout.run("outside")))


def processes(facts: Facts) -> tuple[Process, ...]:
    """Name server and sink; both in the namespace, where every port is free to everybody, so neither is ever root."""
    if facts.outside is None:
        return ()
    etc, data, run = (place("outside") for place in (facts.layout.etc, facts.layout.data, facts.layout.run))
    name = facts.outside.namespace
    nsd = ("/usr/sbin/nsd", "-d", "-c", str(etc / "nsd.conf"))
    sink = (sys.executable, "-m", "kindelpost.engines.outside.sink", str(etc / "sink.json"))
    return (
        Process("outside-dns", nsd, ACCOUNT, netns=name, sandbox=Sandbox(writes=(data, run))),
        Process(
            "outside-sink",
            sink,
            ACCOUNT,
            netns=name,
            env={"PYTHONPATH": str(facts.layout.code)},
            ours=True,
            sandbox=Sandbox(writes=(data / "inbox",)),
        ),
    )
