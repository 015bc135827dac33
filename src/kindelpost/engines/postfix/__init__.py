"""Postfix: the mail exchanger, submission, the queue, and the two internal doors for Sieve and for forwards.

Serves P5, P6, P3.7 (the filter does not answer → 4xx), T01 to T04, T16 to T18, T40.
It knows the clients only from its published maps.
Never: a database credential, a trusted network, a mailbox of the machine's own.
"""

from __future__ import annotations

from kindelpost.engines.base import Engine
from kindelpost.engines.postfix.probe import probe
from kindelpost.engines.postfix.render import directories, listeners, processes, render
from kindelpost.engines.postfix.validate import validate, version

__all__ = ["ENGINE"]

ENGINE = Engine(
    name="postfix",
    account="postfix",
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=processes,
    directories=directories,
    listeners=listeners,
    secrets=("forward-out",),
)
