"""Running checks: each in a process of its own, a bounded number at once, killed when its time is over.

The caller must have one thread alone. A child is forked with every room loaded and no database connection open; it sends its
result back as JSON and ends.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import connections

from kindelpost.lib.clock import now
from kindelpost.practice.actions import Outcome, record_result
from kindelpost.practice.leases import claim, due, release
from kindelpost.practice.redaction import Redactor
from kindelpost.practice.registry import Result, Target, get_check, unknown
from kindelpost.practice.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

    from kindelpost.practice.models import CheckState
    from kindelpost.practice.registry import Check

__all__ = ["Pool", "run_check"]

log = logging.getLogger(__name__)
FORK = multiprocessing.get_context("fork")
PAUSE_SECONDS = 0.02


def run_check(check: Check, target: Target) -> Outcome:
    """Run it here and now; whatever it raises is `unknown` with the reason."""
    started = now()
    try:
        result = check.run(target)
        if not isinstance(result, Result):
            raise TypeError(f"it returned {type(result).__name__}, no Result")  # noqa: TRY301 -- as whatever else is wrong with it
    except Exception as error:
        log.exception("%s on %s could not be tried", check.id, target.label)
        result = unknown(f"The check itself failed: {type(error).__name__}: {error}")
    return Outcome(result, started, now())


def _target(state: CheckState) -> Target:
    return Target(
        kind=state.target_kind,  # type: ignore[arg-type]  # written from a Target
        id=state.target_id,
        label=state.target_label,
        client_id=state.client_id,
        client=state.client or None,
        affected=state.affected,
    )


def _child(check: Check, target: Target, pipe: Connection) -> None:
    os.setsid()  # what it starts dies with it
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_DFL)
    outcome = run_check(check, target)
    result = outcome.result
    plain = Redactor()  # makes it JSON; secrets are cut out where it is kept
    said: dict[str, Any] = {
        "verdict": result.verdict.value,
        "observed": result.observed[:100_000],
        "details": plain.mapping(result.details),
        "inputs": plain.mapping(result.inputs),
        "weaker": result.weaker,
    }
    pipe.send_bytes(json.dumps([said, outcome.started.isoformat(), outcome.ended.isoformat()]).encode())


@dataclass(eq=False)
class _Running:
    state: CheckState
    check: Check
    process: ForkProcess
    pipe: Connection
    started: datetime
    ends: float  # monotonic


class Pool:
    """Up to `size` checks at once, one heavy one at most. `step` never waits: call it often; `stop` when all ends."""

    def __init__(self, size: int = 4) -> None:
        self.size = size
        self.owner = f"{os.getpid()}-{uuid4().hex[:12]}"
        self._running: list[_Running] = []

    def step(self) -> int:
        """Record what has ended, cut off what hangs, start what is due; returns how many results were recorded."""
        done = self._reap()
        if self._room():
            for state in due(now())[: self.size * 4]:
                self._start(state, forced=False)
        return done

    def run(self, states: Iterable[CheckState], *, patience_s: float = 300.0) -> None:
        """Run these now, due or not, and wait for all. What another worker runs at this moment is waited for, then run."""
        waiting, end = list(states), monotonic() + patience_s
        while (waiting or self._running) and monotonic() < end:
            if not self._reap():
                sleep(PAUSE_SECONDS)
            waiting = [state for state in waiting if not self._start(state, forced=True)]

    def stop(self) -> None:
        """Kill what runs and give it back."""
        for one in self._running:
            self._kill(one)
            release(one.state, self.owner)
        self._running = []

    def _room(self) -> bool:
        return len(self._running) < self.size

    def _start(self, state: CheckState, *, forced: bool) -> bool:
        """True where there is nothing left to do about it: it was started, or nobody declares it any more."""
        check = get_check(state.check_id)
        if check is None:
            return True
        heavy = check.cost == "heavy" and any(one.check.cost == "heavy" for one in self._running)
        if heavy or not self._room() or not claim(state, self.owner, check.timeout_s, forced=forced):
            return False
        connections.close_all()  # a child must not share one
        ours, theirs = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_child, args=(check, _target(state), theirs), name=check.id, daemon=False)
        process.start()
        theirs.close()
        self._running.append(_Running(state, check, process, ours, now(), monotonic() + check.timeout_s))
        return True

    def _reap(self) -> int:
        over = [one for one in self._running if one.pipe.poll() or monotonic() > one.ends]
        self._running = [one for one in self._running if one not in over]
        return sum(record_result(one.state, one.check, self._end(one), lease=self.owner) for one in over)

    def _end(self, one: _Running) -> Outcome:
        """What it sent; where it sent nothing it hung or died."""
        late = not one.pipe.poll()
        try:
            said, started, ended = json.loads(one.pipe.recv_bytes()) if not late else (None, "", "")
        except (EOFError, OSError, ValueError):
            said = None
        self._kill(one)
        if said is None:
            why = f"it was cut off after {one.check.timeout_s} s" if late else f"it died (exit {one.process.exitcode})"
            return Outcome(unknown(f"The check itself failed: {why}."), one.started, now())
        result = Result(**{**said, "verdict": Verdict(said["verdict"])})
        return Outcome(result, datetime.fromisoformat(started), datetime.fromisoformat(ended))

    @staticmethod
    def _kill(one: _Running) -> None:
        if one.process.pid:  # 0 would be our own group
            with suppress(ProcessLookupError, PermissionError):  # it ended, or has no group of its own yet
                os.killpg(one.process.pid, signal.SIGKILL)
        one.process.kill()
        one.process.join()
        one.pipe.close()
