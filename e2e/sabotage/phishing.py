"""P3.4: the filter without one of its rules against phishing."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from e2e.sabotage.tools import Break, edited
from kindelpost.engines.members import members
from kindelpost.engines.rspamd import ENGINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from e2e.service import Service

__all__ = ["BREAKS", "renewed"]

SECONDS = 20.0


def renewed(service: Service) -> None:
    """Rspamd reads its configuration again; returns when its new processes answer."""
    layout = service.facts.layout
    before = {pid for pid, row in members(layout).items() if row == "rspamd"}
    os.kill(min(before), signal.SIGHUP)  # the master was there first
    until = time.monotonic() + SECONDS
    new: set[int] = set()
    while len(new) < len(before) - 1 or not ENGINE.probe(service.facts).ok:
        assert time.monotonic() < until, "Rspamd has not started anew"
        time.sleep(0.3)
        new = {pid for pid, row in members(layout).items() if row == "rspamd"} - before
    time.sleep(1)


@contextmanager
def without(file: str, old: str, new: str, service: Service) -> Iterator[None]:
    """`old` in one of Rspamd's Lua files is `new`."""
    try:
        with edited(service.facts.layout.etc("rspamd") / "kindelpost" / file, old, new):
            renewed(service)
            yield
    finally:
        renewed(service)


def _unregistered(name: str, call: str) -> Callable[[Service], AbstractContextManager[None]]:
    rule = f"register('{name}', 'normal', {call}, phishing)"
    return partial(without, "rules.lua", rule, rule.replace(call, "function() end"))


BREAKS = (
    Break("the rule about senders is not in force", ("P3.4.lookalike",), _unregistered("KP_LOOKALIKE", "lookalike.check")),
    Break(
        "no typo is known",
        ("P3.4.lookalike",),
        partial(without, "lookalike.lua", "SHORTEST_TYPO, SHORTEST_SWAP = 6, 4", "SHORTEST_TYPO, SHORTEST_SWAP = 99, 99"),
    ),
    Break("the rule about forms is not in force", ("P3.4.form",), _unregistered("KP_CREDENTIALS", "credentials.check")),
    Break("the rule about codes is not in force", ("P3.4.qr",), _unregistered("KP_QR", "qr.check")),
    Break("images are not shown to the scanner", ("P3.4.qr",), partial(without, "qr.lua", "if list[1] then", "if false then")),
)
