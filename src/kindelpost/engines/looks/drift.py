"""What runs against what was rendered (P6.8): each engine's live files, the program and account of each of its processes."""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.engines.change import in_force
from kindelpost.engines.members import members
from kindelpost.engines.steps import Steps, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kindelpost.engines.base import Engine, File, Process
    from kindelpost.engines.instance import Instance

__all__ = ["look"]


def look(instance: Instance) -> dict[str, list[str]]:
    """Engine → what differs, one line a difference; nothing where it runs as it was rendered."""
    held = replace(instance, service=in_force(instance.layout).service)
    running: dict[str, list[int]] = {}
    for pid, row in members(held.layout).items():
        running.setdefault(row, []).append(pid)
    return {engine.name: [*_files(engine, held), *_processes(engine, held, running)] for engine in held.engines}


def _files(engine: Engine, instance: Instance) -> Iterator[str]:
    steps = Steps(engine, instance.facts)
    version, files = steps.wanted()
    live = instance.layout.etc(engine.name)
    if steps.live() != version:
        yield f"{steps.live() or 'nothing'} is live, the settings and the code make {version}"
        return
    yield from (f"{name} is not as it was rendered" for name, file in files.items() if not _is(live / name, file, engine))
    found = {str(path.relative_to(live)) for path in live.rglob("*") if not path.is_dir()}
    made = {
        str(Path(name).with_suffix(".svbin")) for name in files if name.endswith(".sieve")
    }  # compiled from what was rendered
    yield from (f"{name} was not rendered" for name in sorted(found - set(files) - made))


def _is(path: Path, file: File, engine: Engine) -> bool:
    """Text, mode, owner and group."""
    if not same(path, file):
        return False
    held = path.stat()
    group = file.group or engine.account
    return (pwd.getpwuid(held.st_uid).pw_name, grp.getgrgid(held.st_gid).gr_name) == (file.owner, group)


def _processes(engine: Engine, instance: Instance, running: dict[str, list[int]]) -> Iterator[str]:
    for row in engine.processes(instance.facts):
        pids = running.get(row.name, [])
        if not any(_runs(pid, row) for pid in pids):
            yield f"{row.name} does not run as {row.argv[0]} under {row.account}"


def _runs(pid: int, row: Process) -> bool:
    """Is it the program of the row, under its account?"""
    try:
        program = os.readlink(f"/proc/{pid}/exe")  # noqa: PTH115 -- the link's text, which may end in " (deleted)"
        owner = Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return False
    return program == str(Path(row.argv[0]).resolve()) and owner == pwd.getpwnam(row.account).pw_uid
