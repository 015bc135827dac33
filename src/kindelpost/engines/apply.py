"""The one way in which a configuration changes: stage → validate → swap → reload → probe, or put the old one back and say so.

A crash between any two steps leaves the whole old or the whole new configuration. Until a new one is proved, the mark
`etc/.applying-<engine>` remembers the one before it; the next run finds the mark and proves the new one or puts the old back.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kindelpost.engines.steps import Steps, quiet
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kindelpost.engines.base import Engine, Probe, Process
    from kindelpost.engines.facts import Facts
    from kindelpost.engines.steps import Control

__all__ = ["Applied", "apply_engine", "install", "prove"]


@dataclass(frozen=True)
class Applied:
    """What became of one engine: `changed` false when it already ran this; `probe` what it said at the end."""

    engine: str
    version: str
    changed: bool
    probe: Probe


def apply_engine(
    engine: Engine,
    facts: Facts,
    control: Control,
    table: Sequence[Process],
    *,
    patience: float = 20.0,
    settle: float = 1.0,
    tell: Callable[[str, str], None] = quiet,
) -> Applied:
    """Bring one running engine to the configuration that `facts` ask for.

    Raises `EngineFault`: `apply-refused` (its own checker complained; nothing changed) or `apply-failed` (the old one is back).
    `tell(engine, step)` is called before each step of `stage validate mark swap reload probe settle put-back`.
    """
    steps = Steps(engine, facts, tell)
    version, drifted = steps.stage()
    before = steps.live()
    if version == before and not drifted and not steps.mark.exists():
        return Applied(engine.name, version, changed=False, probe=steps.look(control)[0])
    steps.validate(version)
    if version != before:
        steps.swap(version)
    try:
        steps.take_up(control, table, before)
        probe = steps.prove(control, patience, settle)
    except EngineFault as fault:
        raise EngineFault(
            "apply-failed", fault.message, steps.put_back(control, table, patience), engine=engine.name
        ) from fault
    except BaseException:
        steps.put_back(control, table, patience)
        raise
    steps.settle()
    return Applied(engine.name, version, changed=True, probe=probe)


def install(engines: Sequence[Engine], facts: Facts, *, tell: Callable[[str, str], None] = quiet) -> tuple[str, ...]:
    """Before the supervisor starts: stage, validate and swap in every engine's configuration; `prove` must follow.

    Returns the names of the engines whose configuration is new or not proved yet. Raises `EngineFault` (`apply-refused`).
    """
    for engine in engines:
        steps = Steps(engine, facts, tell)
        version, drifted = steps.stage()
        if version != steps.live() or drifted or steps.mark.exists():
            steps.validate(version)
        if version != steps.live():
            steps.swap(version)
    return tuple(engine.name for engine in engines if Steps(engine, facts).mark.exists())


def prove(
    engines: Sequence[Engine],
    facts: Facts,
    control: Control,
    table: Sequence[Process],
    *,
    patience: float = 60.0,
    settle: float = 1.0,
    tell: Callable[[str, str], None] = quiet,
) -> tuple[Applied, ...]:
    """After a start: wait for every engine at once. One that fails is put back to its last proved version.

    Raises `EngineFault` (`apply-failed`) for the first that failed, when all have been waited for.
    """

    def one(engine: Engine) -> Applied | EngineFault:
        steps = Steps(engine, facts, tell)
        trial = steps.mark.exists()
        try:
            probe = steps.prove(control, patience, settle)
        except EngineFault as fault:
            hint = steps.put_back(control, table, patience) if trial else ""
            return EngineFault("apply-failed", fault.message, hint, engine=engine.name)
        steps.settle()
        return Applied(engine.name, steps.live(), changed=trial, probe=probe)

    with ThreadPoolExecutor(max(1, len(engines))) as pool:
        done = tuple(pool.map(one, engines))
    for result in done:
        if isinstance(result, EngineFault):
            raise result
    return tuple(result for result in done if isinstance(result, Applied))
