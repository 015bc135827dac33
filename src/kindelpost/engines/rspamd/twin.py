"""A second Rspamd with the live configuration, whose scanner can be taken away without touching the service (P3.7).

It runs as Rspamd's own account in a folder of its own, listens on nothing but Unix sockets there, sees the live maps, resolver
and state server, and ends with the process that started it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kindelpost.engines.rspamd.probe import ask
from kindelpost.engines.rspamd.programs import RSPAMD
from kindelpost.lib.run import start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kindelpost.engines.facts import Layout

__all__ = ["Twin", "moved", "twin"]

READY_SECONDS = 25.0
SCANNER = re.compile(r"(?m)^  clamd = '([^']+)',$")  # in kindelpost/facts.lua


@dataclass(frozen=True)
class Twin:
    """Where its milter answers, where it looks for the scanner (nothing is there yet), and where the live one listens."""

    milter: Path
    scanner: Path
    live_scanner: Path


def moved(text: str, layout: Layout, folder: Path) -> str:
    """A file of the live configuration as the twin reads it: its own folders, one worker of a kind."""
    for ours, name in ((layout.etc, "etc"), (layout.run, "run"), (layout.data, "data")):
        text = text.replace(str(ours("rspamd")), str(folder / name))
    return re.sub(r"(?m)^(  count = )\d+;$", r"\g<1>1;", text)


@contextmanager
def twin(layout: Layout) -> Iterator[Twin]:
    """One that answers and has read its maps. This process must be Rspamd's account. Raises `RuntimeError`, `OSError`."""
    os.umask(0o077)
    with TemporaryDirectory(prefix="kp-twin-") as made:
        folder = Path(made)
        live = _copy(layout, folder)
        argv = [RSPAMD, "--no-fork", f"--config={folder / 'etc' / 'rspamd.conf'}", f"--var=LOCAL_CONFDIR={folder / 'etc'}"]
        argv += [f"--var=DBDIR={folder / 'data'}", f"--var=RUNDIR={folder / 'run'}", f"--var=LOGDIR={folder}"]
        pid = start(["setpriv", "--no-new-privs", "--pdeathsig=TERM", "--", *argv], log=folder / "log")
        try:
            _wait(folder, pid)
            yield Twin(folder / "run" / "milter.sock", folder / "clamd.sock", live)
        finally:
            with suppress(ProcessLookupError, ChildProcessError):  # it ended by itself
                os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _copy(layout: Layout, folder: Path) -> Path:
    """The live configuration and compiled patterns (else it would compile for many seconds); the live scanner's socket."""
    etc, data = folder / "etc", folder / "data"
    for source in layout.etc("rspamd").rglob("*"):
        if source.is_file():
            target = etc / source.relative_to(layout.etc("rspamd"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(moved(source.read_text(encoding="utf-8"), layout, folder), encoding="utf-8")
    facts = etc / "kindelpost" / "facts.lua"
    text = facts.read_text(encoding="utf-8")
    named = SCANNER.findall(text)
    if len(named) != 1:
        raise RuntimeError("kindelpost/facts.lua does not say where the scanner is")
    facts.write_text(text.replace(named[0], str(folder / "clamd.sock")), encoding="utf-8")
    data.mkdir()
    (folder / "run").mkdir()
    for compiled in layout.data("rspamd").glob("*.hs*"):
        if compiled.suffix != ".unser":
            with suppress(FileNotFoundError):  # replaced meanwhile
                shutil.copy(compiled, data)
    return Path(named[0])


def _wait(folder: Path, pid: int) -> None:
    """Until it refuses the probe's message, as one with our rules and the maps does."""
    end, said = time.monotonic() + READY_SECONDS, "nothing"
    while time.monotonic() < end and os.waitpid(pid, os.WNOHANG) == (0, 0):
        with suppress(OSError):
            said = ask(folder / "run" / "milter.sock")
        if said.startswith("5"):
            return
        time.sleep(0.05)
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"the second Rspamd said {said} and was not ready: {log[-400:]}")
