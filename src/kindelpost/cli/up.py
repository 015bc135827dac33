"""`kindelpost up` and `down`: the whole service on this machine, in one command, and away again."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Annotated

import typer

from kindelpost.cli.session import Dir, find_instance
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.instance import Instance

__all__ = ["down", "up"]

TICK, DOT = "\N{CHECK MARK}", "\N{MIDDLE DOT}"


def up(
    directory: Dir = None,
    port_base: Annotated[int, typer.Option("--port-base", help="Move every port of a new evaluation by this much.")] = 20000,
    detach: Annotated[bool, typer.Option("--detach", help="Return when the service is ready; `down` stops it.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No sample mail at the end.")] = False,
) -> None:
    """Start the service. Without a kindelpost.toml: an evaluation with its own authority and two example clients."""
    begun = time.monotonic()
    root = find_instance(directory)
    instance = _ready(root, port_base)
    try:
        _start(instance)
        if instance.service.evaluation:
            _evaluate(instance, sample=not quiet)
        _tell(f"Ready after {time.monotonic() - begun:.0f} s. See: ./kindelpost status{_where(root)}")
    except BaseException:
        if not detach:
            _stop(root)
        raise
    if not detach:
        _tell("Ctrl-C stops it.")
        _wait()
        _stop(root)


def down(directory: Dir = None) -> None:
    """Stop the service; nothing of it stays but its folder."""
    root = find_instance(directory)
    _stop(root)
    _tell(f"The service in {root} is stopped.")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _where(root: Path) -> str:
    return "" if root == find_instance(None) else f" --dir {root}"


def _ready(root: Path, port_base: int) -> Instance:
    """The instance with everything that must be there before its engines start."""
    from kindelpost.engines import instance as instances
    from kindelpost.engines.outside import namespace

    if instances.make_evaluation(root, port_base=port_base):
        _tell(f"{TICK} A new evaluation in {root}")
    opened = instances.open_instance(root)
    if opened.supervisor.up():
        raise EngineFault(
            "instance-running", f"The service in {root} is running already.", "See `status`, or stop it by `down`."
        )
    if opened.service.dns.outside:
        opened = instances.open_instance(root, outside=namespace.make(root))
        _tell(f"{TICK} The outside world: network namespace {namespace.name_of(root)}")
    instances.prepare(opened)
    _own_process(opened, "kindelpost.cli.worker", "prepare")
    _tell(f"{TICK} Accounts, folders, certificates, database")
    return opened


def _start(instance: Instance) -> None:
    from kindelpost.engines.instance import bring_up

    for applied in bring_up(instance):
        version = ".".join(str(part) for part in instance.facts.version(applied.engine))
        _tell(f"{TICK} {applied.engine:9} {version:10} {applied.probe.said}")
        if applied.probe.limits:
            _tell(f"{DOT} {'':9} {'':10} {applied.probe.limits}")


def _evaluate(instance: Instance, *, sample: bool) -> None:
    """The example clients, their DNS in the outside world, and a little mail through the real doors."""
    from kindelpost.cli import example
    from kindelpost.engines.outside.world import World

    logins = example.logins(instance)
    records = json.loads(_own_process(instance, "kindelpost.cli.example", "seed", stdin=json.dumps(logins)))
    world = World(instance.facts)
    example.publish(world, records)
    _tell(f"{TICK} Example clients with {len(records)} domains; their DNS is published in the outside world")
    if sample:
        for line in example.send_samples(instance, logins):
            _tell(line)
    for line in example.how_to_log_in(instance, logins):
        _tell(line)


def _own_process(instance: Instance, module: str, command: str, *, stdin: str = "") -> str:
    """Run one of our modules as the account that owns the data: this process stays root and never opens the database."""
    from kindelpost.lib.run import run

    argv = [sys.executable, "-m", module, command, "--dir", str(instance.layout.root)]
    return run(argv, stdin=stdin, timeout=120, env={"PYTHONPATH": str(instance.layout.code)}).out


def _stop(root: Path) -> None:
    from kindelpost.engines.facts import Layout
    from kindelpost.engines.instance import take_down
    from kindelpost.engines.outside import namespace

    take_down(Layout(root.resolve()))
    namespace.remove(root)


def _wait() -> None:
    """Until a person or the system says that it is enough."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(3600):
        pass
