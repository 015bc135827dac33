"""The real table as systemd units: accepted by systemd-analyze, and closed as far as the work allows."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kindelpost.config.service import Service
from kindelpost.engines import registry
from kindelpost.engines.facts import ACCOUNTS, Facts, Layout
from kindelpost.engines.host.snapshot import snapshot
from kindelpost.engines.instance import SYSTEM, numbers
from kindelpost.engines.units import render_units
from kindelpost.hands import Hands
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kindelpost.engines.base import Process

pytestmark = pytest.mark.e2e
# The most that a unit of ours, or of an engine, may be exposed (0 is closed, 10 is open). The root helper enters namespaces
# and becomes other accounts by its very task.
OURS, ENGINES, HELPER = 3.0, 5.0, 3.2


@pytest.fixture(scope="module")
def rows() -> Iterator[tuple[Process, ...]]:
    root = Path(tempfile.mkdtemp(prefix="kp-units-", dir="/var/tmp"))
    root.chmod(0o755)
    for name in set(ACCOUNTS.values()) - set(SYSTEM):
        Hands(root).call("ensure-account", name=name)
    snapshot(Layout(root).code)
    engines = registry.engines()
    secrets = {name: "0" * 64 for engine in engines for name in engine.secrets}
    facts = Facts(Layout(root), Service(), {engine.name: numbers(engine.version()) for engine in engines}, secrets)
    yield registry.process_table(engines, facts)
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def folder(rows: tuple[Process, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("units")
    for name, text in render_units(rows).items():
        (made / name).write_text(text, encoding="utf-8")
    return made


def test_systemd_understands_every_line(folder: Path) -> None:
    said = run(
        ["systemd-analyze", "verify", "--man=no", *sorted(folder.iterdir())],
        check=False,
        env={"SYSTEMD_UNIT_PATH": f"{folder}:"},
    )
    # What the machine's own units have to say is not about ours.
    assert [line for line in said.said.splitlines() if "kindelpost" in line] == []
    assert said.code == 0, said.said


def test_every_unit_is_as_closed_as_its_work_allows(folder: Path, rows: tuple[Process, ...]) -> None:
    exposed = {}
    for row in rows:
        unit = folder / f"kindelpost-{row.name}.service"
        said = run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit], check=False)
        found = re.search(r"exposure level for \S+: (\d+\.\d+)", said.out)
        assert found, said.said
        exposed[row.name] = float(found.group(1))
    for row in rows:
        print(f"{row.name:14} {exposed[row.name]:4.1f}  {'ours' if row.ours else 'engine'}  {row.account}")
    if target := os.environ.get("KP_EXPOSURES"):
        Path(target).write_text(json.dumps(exposed), encoding="utf-8")
    most = {row.name: HELPER if row.name == "hands" else OURS if row.ours else ENGINES for row in rows}
    assert {name: value for name, value in exposed.items() if value > most[name]} == {}


def test_every_relaxed_line_gives_its_reason(folder: Path, rows: tuple[Process, ...]) -> None:
    for row in rows:
        text = (folder / f"kindelpost-{row.name}.service").read_text(encoding="utf-8")
        for directive, (value, reason) in row.sandbox.relax.items():
            assert f"# {reason}\n{directive}={value}\n" in text
