"""Is everything running, under which account, listening where: what `kindelpost status` and the page of engines show."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from kindelpost.engines import sockets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kindelpost.engines.base import Engine, Probe
    from kindelpost.engines.instance import Instance
    from kindelpost.engines.sockets import Socket
    from kindelpost.engines.supervise import Running

__all__ = ["DOORS", "describe", "worst"]

DOORS = ("mx", "submissions", "submission", "imaps", "managesieve")


def describe(instance: Instance, probe: Callable[[Engine], Probe] | None = None) -> dict[str, Any]:
    """The promised shape, plus `sockets` (declared against found) and `root` (what runs as root, and why it may)."""
    states = instance.supervisor.states() if instance.supervisor.up() else {}
    listening = sockets.listening(instance.layout)
    declared = [listener for engine in instance.engines for listener in engine.listeners(instance.facts)]
    accounted = sockets.account_for(listening, declared, instance.facts)
    with ThreadPoolExecutor() as pool:
        tried = probe or (lambda engine: engine.probe(instance.facts))
        probes = list(pool.map(lambda engine: tried(engine) if states else None, instance.engines))
    engines = [_engine(instance, *pair, states, listening) for pair in zip(instance.engines, probes, strict=True)]
    return {
        "state": worst([row["state"] for row in engines]),
        "dir": str(instance.layout.root),
        "ca": str(instance.ca) if instance.ca else None,
        "endpoints": _endpoints(instance),
        "engines": engines,
        "sockets": {
            "undeclared": [_shown(each) for each in (*accounted.unknown, *accounted.exposed)],
            "missing": [f"{each.purpose}:{each.port}" for each in accounted.missing] if states else [],
        },
        "root": sorted({
            f"{process}: {command}" for process, command, _held in sockets.root_processes(instance.layout).values()
        }),
    }


def _engine(
    instance: Instance, engine: Engine, probe: Probe | None, states: Mapping[str, Running], listening: Sequence[Socket]
) -> dict[str, Any]:
    names = [row.name for row in engine.processes(instance.facts)]
    running = [states[name] for name in names if name in states]
    found = worst([row.state for row in running]) if len(running) == len(names) else "down"
    since = max((row.since for row in running if row.since), default=None)
    return {
        "name": engine.name,
        "version": ".".join(str(part) for part in instance.facts.version(engine.name)),
        "account": engine.account,
        "state": "degraded" if found == "ready" and not (probe and probe.ok) else found,
        "since": since.isoformat() if since else None,
        "listens": sorted(_shown(each) for each in listening if each.process in names),
        "said": probe.said if probe else "",
        "limits": probe.limits if probe else "",
    }


def worst(states: Sequence[str]) -> str:
    """The worst of several; nothing at all is down."""
    return next((one for one in ("down", "degraded", "starting") if one in states), "ready") if states else "down"


def _shown(each: Socket) -> str:
    host = f"[{each.address}]" if ":" in each.address else each.address
    return f"{each.protocol}://{host}:{each.port}"


def _endpoints(instance: Instance) -> dict[str, Any]:
    host = str(instance.service.listen.addresses[0])
    doors: dict[str, Any] = {name: {"host": host, "port": instance.facts.port(name)} for name in DOORS}
    return {**doors, "portal": {"url": f"{instance.service.portal_url}/"}}
