"""Figure 3, full inbound: TLS, filter, virus scanner, delivery, Sieve; each stack in turn, in the same run."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from kindelpost.bench.corpus import SIZES, letters
from kindelpost.bench.load import bring
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kindelpost.bench.plan import Plan
    from kindelpost.bench.stack import Stack

__all__ = ["Measured", "Turn", "measure_inbound"]

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Turn:
    """One stack, one size, one run: accepted and stored messages a second, and processor ms a message of stack and sender."""

    accepted: float
    stored: float
    cpu_ms: float
    sender_cpu_ms: float


@dataclass(frozen=True)
class Measured:
    """All turns of one stack and one size."""

    stack: str
    size: str
    messages: int
    turns: tuple[Turn, ...]

    def spread(self, what: str) -> tuple[float, float, float]:
        """Minimum, median and maximum of `accepted`, `stored`, `cpu_ms` or `sender_cpu_ms`."""
        values = [float(getattr(turn, what)) for turn in self.turns]
        return min(values), median(values), max(values)


def measure_inbound(stacks: Sequence[Stack], plan: Plan, *, tell: Callable[[str], None]) -> list[Measured]:
    """`plan.runs` turns of every stack and size, alternating; before them one that is not counted."""
    turns: dict[tuple[str, str], list[Turn]] = {(stack.name, size): [] for size in SIZES for stack in stacks}
    counts, runs = plan.messages, plan.runs
    time.sleep(plan.warm_seconds)
    for stack in stacks:
        for size in SIZES:
            take_turn(stack, size, max(10, counts[size] // 4))
    for number in range(runs):
        for size in SIZES:
            ordered = stacks if number % 2 == 0 else stacks[::-1]  # nobody is always the first
            for stack in ordered:
                turns[stack.name, size].append(take_turn(stack, size, counts[size]))
        tell(f"run {number + 1} of {runs}")
    return [Measured(stack, size, counts[size], tuple(taken)) for (stack, size), taken in turns.items()]


def take_turn(stack: Stack, size: str, count: int) -> Turn:
    """Bring `count` messages to the stack and wait until every one is in its mailbox. Raises `EngineFault` (`bench-lost`)."""
    brought = list(letters(size, count, tuple(stack.maildirs), secrets.token_hex(6)))
    before, own = stack.cpu(), time.process_time()
    begun = time.perf_counter()
    accepting = bring(stack, brought)
    used = time.process_time() - own
    stack.wait(count, PATIENCE_SECONDS)
    storing = time.perf_counter() - begun
    spent = stack.cpu() - before
    if lost := {letter.identity for letter in brought} - stack.empty():
        raise EngineFault("bench-lost", f"{stack.name}: {len(lost)} accepted messages are in no mailbox, such as {min(lost)}.")
    os.sync()  # the next turn does not pay for this one
    return Turn(count / accepting, count / storing, spent / count * 1000, used / count * 1000)
