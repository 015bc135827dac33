"""`kindelpost status`: is everything running, under which account, listening where."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import typer

from kindelpost.cli.output import fold, say, show_table
from kindelpost.cli.session import Dir, Json, find_instance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kindelpost.engines.base import Engine, Probe
    from kindelpost.engines.instance import Instance
    from kindelpost.engines.sockets import Socket
    from kindelpost.engines.supervise import Running

__all__ = ["describe", "status"]

DOORS = ("mx", "submissions", "submission", "imaps", "managesieve")


def status(directory: Dir = None, as_json: Json = False) -> None:
    """Show every engine, its account, and what it listens on."""
    from kindelpost.engines.host.ground import check_root
    from kindelpost.engines.instance import open_instance
    from kindelpost.engines.outside.namespace import find

    check_root()
    root = find_instance(directory)
    found = describe(open_instance(root, outside=find(root)))
    say(found, _text(found), as_json=as_json)
    if found["state"] != "ready":
        raise typer.Exit(3)


def describe(instance: Instance) -> dict[str, Any]:
    """The promised shape, plus `sockets` (declared against found) and `root` (what runs as root, and why it may)."""
    from kindelpost.engines import sockets

    states = instance.supervisor.states() if instance.supervisor.up() else {}
    listening = sockets.listening(instance.layout)
    declared = [listener for engine in instance.engines for listener in engine.listeners(instance.facts)]
    accounted = sockets.account_for(listening, declared, instance.facts)
    with ThreadPoolExecutor() as pool:
        probes = list(pool.map(lambda engine: engine.probe(instance.facts) if states else None, instance.engines))
    engines = [_engine(instance, *pair, states, listening) for pair in zip(instance.engines, probes, strict=True)]
    return {
        "state": _state([row["state"] for row in engines]),
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
    found = _state([row.state for row in running]) if len(running) == len(names) else "down"
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


def _state(states: Sequence[str]) -> str:
    """The worst of several; nothing at all is down."""
    return next((worst for worst in ("down", "degraded", "starting") if worst in states), "ready") if states else "down"


def _shown(each: Socket) -> str:
    host = f"[{each.address}]" if ":" in each.address else each.address
    return f"{each.protocol}://{host}:{each.port}"


def _endpoints(instance: Instance) -> dict[str, Any]:
    host = str(instance.service.listen.addresses[0])
    doors: dict[str, Any] = {name: {"host": host, "port": instance.facts.port(name)} for name in DOORS}
    return {**doors, "portal": {"url": f"{instance.service.portal_url}/"}}


def _text(found: Mapping[str, Any]) -> str:
    headings = {"name": "ENGINE", "version": "VERSION", "account": "ACCOUNT", "state": "STATE", "said": "SAID"}
    doors = [f"  {name:12} {where['host']} port {where['port']}" for name, where in found["endpoints"].items() if name in DOORS]
    lines = [
        f"The service in {found['dir']} is {found['state']}.",
        "",
        show_table(found["engines"], headings, empty=""),
        "",
        *doors,
    ]
    lines += [f"  {'https':12} {found['endpoints']['portal']['url']}.well-known/security.txt"]
    notes = [f"{row['name']}: {row['limits']}" for row in found["engines"] if row["limits"]]
    notes += [f"Nobody declared {each}" for each in found["sockets"]["undeclared"]]
    notes += [f"Nothing listens for {each}" for each in found["sockets"]["missing"]]
    notes += [f"It does not run: ./kindelpost up --dir {found['dir']} starts it."] * (found["state"] == "down")
    lines += [fold(note, first="! ") for note in notes]
    return "\n".join(lines)
