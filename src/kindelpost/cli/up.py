"""`kindelpost up` and `down`: the whole service on this machine, in one command, and away again."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from kindelpost.cli.output import fold
from kindelpost.cli.session import Dir, find_instance
from kindelpost.lib.errors import KindelpostError, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.instance import Instance

__all__ = ["down", "up"]

PORT_BASE = 20000
TICK, DOT = "\N{CHECK MARK}", "\N{MIDDLE DOT}"


def up(
    directory: Dir = None,
    port_base: Annotated[
        int | None, typer.Option("--port-base", help=f"Move every port of an evaluation by this much. Default: {PORT_BASE}.")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return when the service is ready; `down` stops it.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No sample mail and no checks at the end.")] = False,
) -> None:
    """Start the service. Without a kindelpost.toml: an evaluation with its own authority and two example clients."""
    begun = time.monotonic()
    root = find_instance(directory)
    instance = _open(root, port_base)
    _end_at_signals()
    try:
        instance = _ready(instance)
        _start(instance)
        if instance.service.evaluation:
            _evaluate(instance, sample=not quiet)
        _tell(_next(instance, time.monotonic() - begun, detach=detach))
    except BaseException as failed:
        _after_failure(root, failed, detach=detach)
        raise
    if not detach:
        with suppress(KeyboardInterrupt):
            if not quiet:
                _tell_practice(root)
            threading.Event().wait()
        _stop(root)
        _tell(f"The service in {root} is stopped.")


def down(directory: Dir = None) -> None:
    """Stop the service; nothing of it stays but its folder."""
    from kindelpost.engines.facts import Layout
    from kindelpost.engines.host.ground import check_root
    from kindelpost.engines.members import members

    check_root()
    root = find_instance(directory)
    ran = bool(members(Layout(root.resolve())))
    _stop(root)
    _tell(f"The service in {root} is stopped." if ran else f"No service runs in {root}.")


def _end_at_signals() -> None:
    """SIGTERM and SIGHUP end us as Ctrl-C does, by a KeyboardInterrupt; one that was ignored (nohup) stays so."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _open(root: Path, port_base: int | None) -> Instance:
    """The instance that is to start. Raises `Refused` (`instance-running`) and whatever its configuration deserves."""
    from kindelpost.engines import instance as instances
    from kindelpost.engines.facts import Layout
    from kindelpost.engines.host.ground import check_root
    from kindelpost.engines.supervise import Supervisor

    check_root()
    if Supervisor(Layout(root.resolve())).up():
        hint = f"See `./kindelpost status{_where(root)}`, or stop it by `./kindelpost down{_where(root)}`."
        raise Refused("instance-running", f"The service in {root} is running already.", hint)
    if instances.make_evaluation(root, port_base=PORT_BASE if port_base is None else port_base):
        _tell(f"{TICK} A new evaluation in {root}")
    elif port_base is not None and instances.move(root, port_base):
        _tell(f"{TICK} The evaluation in {root} moved to port base {port_base}")
    return instances.open_instance(root)


def _ready(opened: Instance) -> Instance:
    """The instance with everything that must be there before its engines start."""
    from kindelpost.engines import instance as instances
    from kindelpost.engines.host import names
    from kindelpost.engines.outside import namespace

    root = opened.layout.root
    if opened.service.dns.outside:
        opened = instances.open_instance(root, outside=namespace.make(root))
        _tell(f"{TICK} The outside world: network namespace {namespace.name_of(root)}")
    instances.prepare(opened)
    _own_process(opened, "kindelpost.cli.worker", "prepare")
    names.refresh(opened.layout, opened.service)
    _tell(f"{TICK} Accounts, folders, certificates, database")
    return opened


def _start(instance: Instance) -> None:
    from kindelpost.engines.instance import bring_up

    for applied in bring_up(instance):
        version = ".".join(str(part) for part in instance.facts.version(applied.engine))
        _tell(fold(applied.probe.said, first=f"{TICK} {applied.engine:9} {version:10} "))
        if applied.probe.limits:
            _tell(fold(applied.probe.limits, first=f"{DOT} {'':20} "))


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
    for line in json.loads(_own_process(instance, "kindelpost.cli.example", "operator")):
        _tell(line)


def _own_process(instance: Instance, module: str, command: str, *, stdin: str = "") -> str:
    """Run one of our modules as the account that owns the data: this process stays root and never opens the database."""
    from kindelpost.lib.run import run

    argv = [sys.executable, "-m", module, command, "--dir", str(instance.layout.root)]
    return run(argv, stdin=stdin, timeout=120, env={"PYTHONPATH": str(instance.layout.code)}).out


def _after_failure(root: Path, failed: BaseException, *, detach: bool) -> None:
    """Nothing is left behind, except where engines that did start may show why the rest did not."""
    from kindelpost.engines.facts import Layout
    from kindelpost.engines.supervise import Supervisor

    if detach and isinstance(failed, KindelpostError) and Supervisor(Layout(root.resolve())).up():
        failed.hint = f"{failed.hint}\nThe rest runs on: ./kindelpost status{_where(root)}. Logs: {root}/log".strip()
    else:
        _stop(root)
    if isinstance(failed, KeyboardInterrupt):
        _tell("Stopped before it was ready.")
        raise typer.Exit(130) from failed


def _stop(root: Path) -> None:
    """Stop it all; a second Ctrl-C does not leave half of it."""
    from kindelpost.engines.facts import Layout
    from kindelpost.engines.instance import take_down
    from kindelpost.engines.outside import namespace

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    take_down(Layout(root.resolve()))
    namespace.remove(root)


def _tell_practice(root: Path) -> None:
    """Try the service once, and show the table of clauses."""
    from kindelpost.lib.run import run

    _tell("\nThe good practice, being tried against the running service …")
    program = [sys.executable, "-m", "kindelpost"]
    run([*program, "check", "--dir", str(root)], check=False, timeout=300)
    _tell(run([*program, "clauses", "--short", "--dir", str(root)], check=False).said)


def _where(root: Path) -> str:
    return "" if root == find_instance(None) else f" --dir {root}"


def _next(instance: Instance, seconds: float, *, detach: bool) -> str:
    """Where to look from here."""
    where = _where(instance.layout.root)
    steps = {
        "is it all right?": f"./kindelpost status{where}",
        "is it as it should be?": f"./kindelpost check{where}",
        "whose mail is here?": f"./kindelpost mailbox list{where}",
        "DNS to publish": f"./kindelpost domain show DOMAIN{where}",
        "logs": f"{instance.layout.log}/",
        "stop it": f"./kindelpost down{where}" if detach else "Ctrl-C",
    }
    return "\n".join(["", f"Ready after {seconds:.0f} s. Next:", *(f"  {what:22} {how}" for what, how in steps.items())])
