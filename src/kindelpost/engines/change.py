"""The running service follows a changed configuration: all of it, or none of it.

What is in force is remembered in `etc/.in-force.json`, so that engines which were changed before one that failed go back too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kindelpost.config.service import Service
from kindelpost.engines import apply
from kindelpost.engines.instance import alone, remembered
from kindelpost.engines.steps import Steps, quiet
from kindelpost.hands import Hands
from kindelpost.lib.errors import EngineFault, Refused
from kindelpost.lib.files import replace_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kindelpost.engines.facts import Layout
    from kindelpost.engines.instance import Instance

__all__ = ["InForce", "follow", "in_force"]


@dataclass(frozen=True)
class InForce:
    """What the last start or change ended with: the configuration, and the digest of the code."""

    service: Service
    code: str


def in_force(layout: Layout) -> InForce:
    """What runs now. Raises `Refused` (`not-started`) where nothing was ever proved."""
    path = remembered(layout)
    if not path.exists():
        raise Refused(
            "not-started",
            f"The service in {layout.root} never became ready.",
            "See `./kindelpost status`, then `down` and `up`.",
        )
    held = json.loads(path.read_text(encoding="utf-8"))
    return InForce(Service.model_validate(held["service"]), held["code"])


def follow(instance: Instance, *, patience: float = 20.0, tell: Callable[[str, str], None] = quiet) -> Iterator[apply.Applied]:
    """Bring the running engines to what the configuration, the code and the certificates say now; `prepare` comes first.

    Everything is rendered and checked before anything is changed; then engine by engine. When one fails, it and those before
    it go back to what was in force. Raises `EngineFault` (`template`, `apply-refused`, `apply-failed`).
    """
    with alone(instance.layout):
        before = in_force(instance.layout)
        had = {engine.name: Steps(engine, instance.facts).live() for engine in instance.engines}
        changed: dict[str, str] = {}  # engine → the version that it had
        try:
            for engine in instance.engines:
                rehearse(Steps(engine, instance.facts, tell))
            table, control = instance.table, instance.supervisor
            for engine in instance.engines:
                done = apply.apply_engine(engine, instance.facts, control, table, patience=patience, tell=tell)
                changed |= {engine.name: had[engine.name]} if done.changed else {}
                yield done
        except EngineFault as fault:
            back = _back(instance, before, changed, patience)
            raise EngineFault(fault.code, fault.message, " ".join(filter(None, (fault.hint, back)))) from fault
        instance.remember()


def rehearse(steps: Steps) -> None:
    """Render, and ask the engine's own checker: nothing that runs is touched."""
    version, drifted = steps.stage()
    if version != steps.live() or drifted:
        steps.validate(version)


def _back(instance: Instance, before: InForce, changed: dict[str, str], patience: float) -> str:
    """The code and every engine that was changed return to what was in force; says in a sentence how that went."""
    code = instance.layout.code
    replace_link(code, f"{code.name}.versions/{before.code}")
    if not changed:
        return ""
    old = replace(instance, service=before.service)
    try:
        for engine in reversed([each for each in old.engines if each.name in changed]):
            steps = Steps(engine, old.facts)
            failed = steps.live()
            Hands(old.layout.root).call("install-tree", engine=engine.name, version=changed[engine.name])
            steps.take_up(old.supervisor, old.table, failed)
            steps.prove(old.supervisor, patience, 0.2)
    except EngineFault as again:
        return f"Of the engines changed before it, not all went back: {again.message} See `./kindelpost status`."
    return f"Those changed before it are back too: {', '.join(changed)}."
