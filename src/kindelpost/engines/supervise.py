"""Running the process table under supervisord, where systemd is not the init: render, start, ask, restart, stop.

supervisord runs as root because it starts programs under many accounts. It listens on one Unix socket that root alone may use.
Every program is wrapped by `keeper.py`, which lets nothing outlive its master.
"""

from __future__ import annotations

import http.client
import shlex
import socket
import sys
import threading
import time
import xmlrpc.client
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kindelpost.engines import keeper
from kindelpost.engines.apparmor import outside_profile
from kindelpost.engines.members import members
from kindelpost.hands import Hands
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.files import write_atomic
from kindelpost.lib.run import start

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kindelpost.engines.base import Process
    from kindelpost.engines.facts import Layout

__all__ = ["Running", "Supervisor", "command", "render_supervisor"]

CLEAN = ("/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent")
FOLLOWING = threading.Lock()  # engines are proved at once, the table is followed by one at a time
STATES = {"RUNNING": "ready", "STARTING": "starting", "BACKOFF": "degraded", "FATAL": "degraded"}

HEAD = """\
; Made by kindelpost from its table of processes; a change made here is lost.
[supervisord]
user = root
nodaemon = true
umask = 027
logfile = {log}/supervisor.log
logfile_maxbytes = 10MB
logfile_backups = 3
loglevel = info
pidfile = {run}/supervisord.pid
childlogdir = {log}
minfds = 4096
identifier = kindelpost

[unix_http_server]
file = {run}/supervisor.sock
chmod = 0700
chown = root:root

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

PROGRAM = """
[program:{name}]
command = {command}
directory = /
priority = {priority}
autostart = true
autorestart = true
startsecs = 1
startretries = 1000000
stopsignal = {signal}
stopwaitsecs = {stop}
stopasgroup = true
killasgroup = true
umask = {umask}
{env}redirect_stderr = true
stdout_logfile = {log}/{name}.log
stdout_logfile_maxbytes = 50MB
stdout_logfile_backups = 5
"""


@dataclass(frozen=True)
class Running:
    """One process: its state (`ready starting degraded down`), since when in UTC, the engine's own pid."""

    name: str
    state: str
    since: datetime | None
    pid: int
    said: str


def command(process: Process, layout: Layout) -> tuple[str, ...]:
    """What supervisord runs: the keeper, the namespace if any, the giving up of account and capabilities, the program."""
    record = layout.run("supervisor") / f"{process.name}.pid"
    binds = [word for source, target in process.binds.items() for word in ("--bind", source, target)]
    words = [*kept(layout, "--record", record, "--stop-seconds", process.stop_seconds, *binds), "--"]
    if process.netns:
        words += ["/usr/bin/nsenter", f"--net=/run/netns/{process.netns}"]
    words += ["/usr/bin/setpriv", "--pdeathsig=TERM"]
    if process.account != "root":
        words += [f"--reuid={process.account}", f"--regid={process.group or process.account}", "--init-groups"]
    caps = "".join(f",+{name.removeprefix('CAP_').lower()}" for name in process.sandbox.capabilities)
    words += [f"--inh-caps=-all{caps}"]
    if process.account != "root" and caps:
        words += [f"--ambient-caps=-all{caps}"]
    words += [f"--bounding-set=-all{caps}"]
    if "NoNewPrivileges" not in process.sandbox.relax:
        words += ["--no-new-privs"]
    return (*words, "--", *outside_profile(process), *process.argv)


def kept(layout: Layout, *options: object) -> list[str]:
    """The keeper's own argv: isolated from the environment, without site-packages, from the instance's copy of the code."""
    copy = layout.code / "kindelpost" / "engines" / "keeper.py"
    return [sys.executable, "-I", "-S", str(copy if copy.exists() else keeper.__file__), *map(str, options)]


def render_supervisor(table: Iterable[Process], layout: Layout) -> str:
    """supervisord.conf for this table, in its order."""
    parts = [HEAD.format(log=layout.log, run=layout.run("supervisor"))]
    rows = tuple(table)
    depths = _depths(rows)
    for process in rows:
        pairs = ",".join(f'{name}="{escaped(value)}"' for name, value in sorted(process.env.items()))
        parts.append(
            PROGRAM.format(
                name=process.name,
                command=escaped(shlex.join(command(process, layout))),
                priority=depths[process.name],
                signal=process.stop_signal,
                stop=process.stop_seconds + 5,  # the keeper kills first and tidies up
                umask=process.umask,
                env=f"environment = {pairs}\n" if pairs else "",
                log=layout.log,
            )
        )
    return "".join(parts)


def _depths(table: tuple[Process, ...]) -> dict[str, int]:
    """How long a chain of others each waits for. Not its place: one row more would change, and restart, all after it."""
    depths: dict[str, int] = {}
    for row in table:  # in start order, so what a row waits for stands before it
        depths[row.name] = 1 + max((depths[name] for name in row.after if name in depths), default=0)
    return depths


def escaped(text: str) -> str:
    """`text` as a value of supervisord.conf, whose reader expands % and takes what follows " ;" or " #" for a comment."""
    if "\n" in text or " ;" in text or " #" in text or '"' in text:
        raise EngineFault("supervisor-word", f"supervisord cannot be given {text!r}.")
    return text.replace("%", "%%")


class UnixTransport(xmlrpc.client.Transport):
    """XML-RPC over a Unix socket."""

    def __init__(self, path: Path) -> None:
        """Speak to the socket at `path`."""
        super().__init__()
        self.path = path

    def make_connection(self, host: object) -> http.client.HTTPConnection:  # noqa: ARG002 -- the base class's signature
        """A connection that is a Unix socket's; the host's name means nothing."""
        channel = socket.socket(socket.AF_UNIX)
        channel.settimeout(60)
        try:
            channel.connect(str(self.path))
        except OSError:
            channel.close()
            raise
        line = http.client.HTTPConnection("localhost")
        line.sock = channel
        self._connection = (None, line)  # so that the base class closes it
        return line


class Supervisor:
    """The supervisord of one instance."""

    def __init__(self, layout: Layout) -> None:
        """Speak for the instance at `layout`; nothing is started or asked yet."""
        self.layout = layout
        self.run = layout.run("supervisor")
        self.conf = self.run / "supervisord.conf"

    def _ask(self, method: str, *words: object) -> Any:  # noqa: ANN401 -- XML-RPC's answers have no type
        transport = UnixTransport(self.run / "supervisor.sock")
        try:
            with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as server:
                return getattr(server.supervisor, method)(*words)
        except (OSError, http.client.HTTPException) as silent:
            raise EngineFault("supervisor-silent", f"The supervisor does not answer ({silent}).", "Is it up?") from silent
        except xmlrpc.client.Fault as fault:
            raise EngineFault("supervisor-fault", f"The supervisor refused {method}: {fault.faultString}") from fault

    def up(self) -> bool:
        """Is this instance's supervisor running and answering?"""
        try:
            return bool(self._ask("getState")["statename"] == "RUNNING")
        except EngineFault:
            return False

    def write(self, table: Iterable[Process]) -> None:
        """Render the table to where `start` and `update` read it."""
        rows = tuple(table)
        write_atomic(self.conf, render_supervisor(rows, self.layout), mode=0o600)
        reloads = {row.name: list(row.reload) for row in rows if row.reload and row.reload[0] != "signal"}
        Hands(self.layout.root).remember_reloads(reloads)

    def start(self, table: Iterable[Process], *, patience: float = 20.0) -> None:
        """Start supervisord (kept, detached, holding none of the caller's files) and wait until it answers.

        The engines are only being started then: ask `states` and the probes. Raises `EngineFault` (`instance-running`,
        `supervisor-silent`).
        """
        if self.up():
            raise EngineFault("instance-running", f"The instance in {self.layout.root} is running.", "See ./kindelpost status.")
        self.write(table)
        program = [sys.executable, "-I", "-m", "supervisor.supervisord", "-c", self.conf]
        words = kept(self.layout, "--record", self.run / "supervisor.pid", "--stop-seconds", 120, "--again")
        pid = start([*CLEAN, *words, "--", *map(str, program)], log=self.layout.log / "keeper.log")
        keeper.remember(self.run / "keeper.pid", pid)
        until = time.monotonic() + patience
        while not self.up():
            if time.monotonic() > until:
                tail = (self.layout.log / "keeper.log").read_text(encoding="utf-8", errors="replace")[-600:]
                raise EngineFault("supervisor-silent", f"The supervisor did not start within {patience:g} s: {tail}")
            time.sleep(0.05)

    def states(self) -> dict[str, Running]:
        """Every process by name; empty when the supervisor is down."""
        try:
            rows = self._ask("getAllProcessInfo")
        except EngineFault:
            return {}
        return {row["name"]: self._running(row) for row in rows}

    def _running(self, row: dict[str, Any]) -> Running:
        pid = 0
        if row["pid"]:
            with suppress(OSError, ValueError):  # between two lives there is no record
                pid = int((self.run / f"{row['name']}.pid").read_text(encoding="ascii").split()[0])
        since = datetime.fromtimestamp(row["start"], UTC) if row["start"] else None
        return Running(row["name"], STATES.get(row["statename"], "down"), since, pid, row["spawnerr"] or row["description"])

    def restart(self, name: str) -> None:
        """Stop and start one process; returns when it has run for a second. Raises `EngineFault` when it does not."""
        with suppress(EngineFault):  # NOT_RUNNING: then it only has to start
            self._ask("stopProcess", name, True)  # noqa: FBT003 -- XML-RPC has no names
        self._ask("startProcess", name, True)  # noqa: FBT003 -- XML-RPC has no names

    def signal(self, name: str, signal: str) -> None:
        """Send a signal such as `HUP` to one process; its keeper passes it on to the program itself."""
        self._ask("signalProcess", name, signal)

    def update(self, table: Iterable[Process]) -> tuple[str, ...]:
        """Make the running supervisor follow a changed table; names the processes it touched, those whose row changed."""
        with FOLLOWING:
            return self._follow(tuple(table))

    def _follow(self, table: tuple[Process, ...]) -> tuple[str, ...]:
        self.write(table)
        added, changed, removed = self._ask("reloadConfig")[0]
        for name in (*removed, *changed):
            self._ask("stopProcessGroup", name)
            self._ask("removeProcessGroup", name)
        for name in (*added, *changed):
            self._ask("addProcessGroup", name)
        return tuple(sorted({*added, *changed, *removed}))

    def stop(self, *, patience: float = 60.0) -> None:
        """Stop everything in reverse order and prove that no process lives. Raises `EngineFault` (`stop-failed`)."""
        with suppress(EngineFault):
            self._ask("shutdown")
            until = time.monotonic() + patience
            while keeper.leftovers(self.run / "keeper.pid") and time.monotonic() < until:
                time.sleep(0.05)
        self.clear()

    def clear(self) -> None:
        """End whatever a run that was killed left behind, and prove it. Raises `EngineFault` (`stop-failed`)."""
        keeper.end(iter(lambda: set(members(self.layout)), None), patience=3.0, within=10.0)
        if left := members(self.layout):
            raise EngineFault("stop-failed", f"These processes of the instance did not end: {left}.")
        for name in ("supervisor.sock", "supervisord.pid", "supervisor.pid", "keeper.pid"):
            (self.run / name).unlink(missing_ok=True)
