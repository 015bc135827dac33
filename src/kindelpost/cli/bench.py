"""`kindelpost bench`: figures of speed on this machine, each beside its peer in the same run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kindelpost.cli.output import say
from kindelpost.cli.session import Json  # noqa: TC001 -- typer reads annotations

__all__ = ["bench"]


def bench(
    directory: Annotated[
        Path, typer.Option("--dir", help="A scratch folder, made and removed, which service accounts can reach.")
    ] = Path("/var/tmp/kindelpost-bench"),  # noqa: S108 -- must not exist yet; only root can be here
    port_base: Annotated[int, typer.Option("--port-base", help="The service's; the peer's is 500 more.")] = 30000,
    quick: Annotated[bool, typer.Option("--quick", help="One run of few messages: does it work, is nothing lost.")] = False,
    runs: Annotated[int, typer.Option("--runs", min=0, help="Runs of each; 0: as many as the plan says.")] = 0,
    peers: Annotated[str, typer.Option("--peers", help="debian, or none.")] = "debian",
    beside: Annotated[
        list[Path] | None, typer.Option("--beside", help="A running evaluation to measure too, such as an older one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure a service of its own beside Debian's defaults: disk, then full inbound. Takes some minutes, and the machine."""
    from dataclasses import replace

    from kindelpost.bench import report
    from kindelpost.bench.plan import FULL, QUICK
    from kindelpost.bench.session import run_bench

    plan = QUICK if quick else FULL
    plan = replace(plan, runs=runs or plan.runs)
    named = {name for name in peers.split(",") if name not in {"", "none"}}
    data = run_bench(directory, port_base, plan, peers=named, beside=beside or [], tell=_tell)
    say(data, report.as_text(data), as_json=as_json)


def _tell(line: str) -> None:
    sys.stderr.write(f"bench: {line}\n")
