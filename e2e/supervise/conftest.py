"""The scratch instance, made before and removed after each test."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.supervise.scratch import ACCOUNT, FAKE, Scratch
from kindelpost.engines.facts import Layout
from kindelpost.engines.host.snapshot import snapshot
from kindelpost.hands import Hands

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    root = Path(tempfile.mkdtemp(prefix="kp-e2e-", dir="/var/tmp"))
    root.chmod(0o755)
    shutil.copy(FAKE, root / "fake.py")
    layout = Layout(root)
    hands = Hands(root)
    hands.call("ensure-account", name=ACCOUNT)
    for name in ("etc", "etc/.versions", "run", "data", "log"):
        hands.call("ensure-directory", path=name, owner="root", group="root", mode=0o755)
    hands.call("ensure-directory", path="run/supervisor", owner="root", group="root", mode=0o700)
    snapshot(layout.code)
    made = Scratch(layout)
    yield made
    made.control.stop()
    shutil.rmtree(root)
