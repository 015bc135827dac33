"""One run of the bench: set the stacks up, measure them in turn, take them down whatever happens."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from kindelpost.bench import debian, ours, report
from kindelpost.bench.disk import measure_disk
from kindelpost.bench.inbound import measure_inbound
from kindelpost.bench.verdicts import verdicts
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from kindelpost.bench.plan import Plan
    from kindelpost.bench.stack import Stack

__all__ = ["PEERS", "run_bench"]

PEERS = ("debian",)
PEER_PORTS = 500  # after the service's port base


def run_bench(
    root: Path, port_base: int, plan: Plan, *, peers: Collection[str], beside: Sequence[Path], tell: Callable[[str], None]
) -> dict[str, Any]:
    """The whole report. `root` is made and removed. Raises `EngineFault` (`bench-lost`) when a stack lost a message."""
    if root.exists():
        raise Refused("bench-folder", f"{root} exists already.", "Name a folder that does not exist: it is made and removed.")
    if unknown := set(peers) - set(PEERS):
        raise Refused("bench-peers", f"There is no peer {', '.join(sorted(unknown))}.", f"Peers: {', '.join(PEERS)}, none.")
    where = report.machine()
    with ExitStack() as undo:
        root.mkdir(parents=True, mode=0o755)
        undo.callback(shutil.rmtree, root)
        tell("figure 1: the disk")
        disk = measure_disk(root / "disk", plan.disk_seconds)
        stacks = _stacks(root, port_base, peers, beside, undo, tell)
        tell("verdicts")
        found = verdicts(stacks)
        measured = measure_inbound(stacks, plan, tell=tell)
        return report.as_data(where, disk, measured, found, list(_notes(stacks[0], peers)))


def _stacks(
    root: Path, port_base: int, peers: Collection[str], beside: Sequence[Path], undo: ExitStack, tell: Callable[[str], None]
) -> list[Stack]:
    tell("starting the service")
    undo.callback(ours.stop, root / "service")
    stacks = [ours.start(root / "service", port_base)]
    stacks += [ours.attach(folder, f"Kindelpost in {folder.name}") for folder in beside]
    if "debian" in peers:
        tell("starting the peer")
        undo.callback(debian.stop, root / "debian")
        stacks.append(debian.start(stacks[0], root / "debian", port_base + PEER_PORTS))
    return stacks


def _notes(service: Stack, peers: Collection[str]) -> Iterator[str]:
    if not any(service.layout.data("clamav").glob("main.c[vl]d")):
        yield "Without ClamAV's official signatures, in both: a scan costs more with them."
    if "debian" in peers:
        yield "Peer: configured as Debian delivers it; virtual mailboxes, Maildir, no chroot, 4xx without its filter."
    yield "amavis with SpamAssassin is not among the peers of this bench yet."
