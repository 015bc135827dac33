"""An engine's own checker sees a staged configuration where it will live, not the live one.

Rendered files name each other by their live paths (`include DIR/etc/rspamd/…`). Were they checked in the staged folder, the
checker would follow those names into the configuration that is being replaced, or into nothing before the first start.
"""

from __future__ import annotations

import json
import os
import traceback
from typing import TYPE_CHECKING

from kindelpost.engines import keeper
from kindelpost.lib.errors import EngineFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["on_trial"]


def on_trial(etc: Path, engine: str, version: str, check: Callable[[], list[str]]) -> list[str]:
    """What `check` says in a child process for which etc/<engine> is already the staged `version`; nobody else sees that.

    Raises the `EngineFault` that `check` raised, or one with code `trial-failed` when it broke.
    """
    out, into = os.pipe()
    if not (pid := os.fork()):
        try:
            answer: dict[str, list[str]] = {"complaints": _inside(etc, engine, version, check)}
        except EngineFault as fault:
            answer = {"fault": [fault.code, fault.message, fault.hint]}
        except BaseException:  # noqa: BLE001 -- the child says whatever happened, and ends
            answer = {"fault": ["trial-failed", f"{engine}'s checker broke: {traceback.format_exc()}"]}
        with os.fdopen(into, "w", encoding="utf-8") as sink:
            json.dump(answer, sink)
        os._exit(0)
    os.close(into)
    with os.fdopen(out, encoding="utf-8") as source:
        said = source.read()
    os.waitpid(pid, 0)
    answer = json.loads(said or '{"fault": ["trial-failed", "The checker was killed."]}')
    if "fault" in answer:
        raise EngineFault(*answer["fault"])
    return answer["complaints"]


def _inside(etc: Path, engine: str, version: str, check: Callable[[], list[str]]) -> list[str]:
    links = {path.name: os.readlink(path) for path in etc.iterdir() if path.is_symlink()}  # noqa: PTH115 -- the text itself
    keeper.own_mounts()
    versions = os.open(etc / ".versions", os.O_PATH)
    keeper.mount("none", str(etc), 0, "tmpfs")
    etc.chmod(0o755)
    (etc / ".versions").mkdir()
    keeper.mount(f"/proc/self/fd/{versions}", str(etc / ".versions"), keeper.MS_BIND)
    for name, target in (links | {engine: f".versions/{version}"}).items():
        (etc / name).symlink_to(target)
    return check()
