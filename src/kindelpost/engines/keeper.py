"""Keeps one program and ends everything it leaves behind, as systemd's control group would. Standard library only, run by path.

    keeper.py --record FILE [--stop-seconds N] [--again] [--bind SOURCE TARGET]… -- PROGRAM ARGUMENT…

supervisord knows only its direct child. When a master of Postfix or Dovecot is killed, its children live on and hold the
listening sockets, so its successor cannot bind. The keeper is the program's "child subreaper" (prctl(2)): whatever the program
forked, however often, becomes the keeper's own child and is ended before the keeper ends. The program leads a session of its
own, which Postfix's master(8) insists on. It is remembered in FILE: the next keeper finds it if this one was killed.
`--bind` lays a file over another in a mount namespace of the program's own, so that nothing stays mounted.
With `--again` a program that fails is started once more: that is how supervisord itself is kept.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["bind", "descendants", "end", "fields", "leftovers", "mount", "own_mounts", "processes", "remember", "started"]

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
CLONE_NEWNS = 0x20000  # linux/sched.h
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18  # linux/mount.h
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
ENDING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGQUIT})


def fields(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, state first (number 3 in proc(5)); empty for a zombie or nobody."""
    try:
        after = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
    return [] if after[0] in "ZX" else after


def processes() -> Iterator[tuple[int, list[str]]]:
    """Every living process with its fields."""
    for entry in os.listdir("/proc"):  # noqa: PTH208 -- a thousand Path objects a scan for nothing
        if entry.isdigit() and (found := fields(int(entry))):
            yield int(entry), found


def started(pid: int) -> str:
    """When `pid` started, in clock ticks after boot: with the pid it names one process for ever. Empty when it is gone."""
    found = fields(pid)
    return found[19] if found else ""


def descendants(root: int) -> set[int]:
    """Every living process below `root`."""
    parents = {pid: int(found[1]) for pid, found in processes()}
    below: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent in below | {root}} - below:
        below |= more
    return below - {root}


def leftovers(record: Path) -> set[int]:
    """What lives on of the program remembered in `record`: its session's members and what those forked.

    The kernel gives a pid to nobody while a session or a group of that number exists. So a member that is also in the leader's
    group proves the session to be the same, unless all of it ended and the number was used again: then the number's new holder
    has another start than the record says, and is left alone.
    """
    try:
        leader, ticks, boot = record.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return set()
    if boot != boot_id():
        return set()
    if (now := started(int(leader))) and now != ticks:
        return set()  # the number belongs to a stranger
    # proc(5): [1] parent, [2] group, [3] session, [19] start. A member may have made a group of its own inside the session.
    members = {pid for pid, found in processes() if found[3] == leader and int(found[19]) >= int(ticks)}
    own_group = {pid for pid in members if fields(pid)[2:3] == [leader]}
    return members.union(*(descendants(pid) for pid in members)) if own_group else set()


def boot_id() -> str:
    """This boot of the machine: pids of another one mean nothing."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def remember(record: Path, leader: int) -> None:
    """Write down a session leader so that `leftovers` finds its session: pid, start, boot."""
    draft = record.with_name(f".{record.name}.draft")
    draft.write_text(f"{leader} {started(leader)} {boot_id()}\n", encoding="ascii")
    draft.rename(record)


def end(find: Iterator[set[int]], *, patience: float = 2.0, within: float = 30.0) -> None:
    """End every process that `find` yields, asked again until it yields none: SIGTERM, after `patience` seconds SIGKILL.

    Gives up `within` seconds: a process in an uninterruptible wait cannot be ended.
    """
    begun, told = time.monotonic(), set[int]()
    for found in find:
        reap()
        if not found or time.monotonic() > begun + within:
            return
        late = time.monotonic() > begun + patience
        for pid in found if late else found - told:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
        told |= found
        time.sleep(0.05)


def reap() -> dict[int, int]:
    """Collect every child that ended: pid → wait status."""
    ended: dict[int, int] = {}
    with suppress(ChildProcessError):
        while (done := os.waitpid(-1, os.WNOHANG))[0]:
            ended[done[0]] = done[1]
    return ended


def mount(source: str, target: str, flags: int, kind: str | None = None, options: str | None = None) -> None:
    """The system call of that name, which Python has not. Raises `OSError`."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode(), target.encode(), kind and kind.encode(), flags, options and options.encode()):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)


def own_mounts() -> None:
    """A mount namespace of this process's own: what it mounts from now on is seen by it and its children alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS):  # os.unshare came with Python 3.12
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "mount namespace")
    mount("none", "/", MS_REC | MS_PRIVATE)


def bind(source: str, target: str) -> None:
    """Show `source` at `target`, read-only."""
    mount(os.path.realpath(source), target, MS_BIND)
    mount("none", target, MS_BIND | MS_REMOUNT | MS_RDONLY)


def spawn(argv: list[str], record: Path, binds: list[list[str]]) -> int:
    """Start the program in a session of its own and remember it before it runs."""
    gate_out, gate_in = os.pipe()
    if pid := os.fork():
        remember(record, pid)
        os.close(gate_out)
        os.close(gate_in)
        return pid
    os.close(gate_in)
    os.read(gate_out, 1)  # end of file: the record is written
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*FORWARDED, signal.SIGCHLD})
    for number in (*FORWARDED, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)  # Python ignores SIGPIPE; the program must not inherit that
    try:
        if binds:
            own_mounts()
        for source, target in binds:
            bind(source, target)
        os.execvp(argv[0], argv)  # noqa: S606 -- the whole purpose; argv only, no shell
    except OSError as failure:
        os.write(2, f"{argv[0]} was not started: {failure}\n".encode())
    os._exit(127)


def keep(wanted: argparse.Namespace) -> tuple[int, bool]:
    """Run the program to its end, passing signals on; then end what it left. Returns (exit status, were we asked to stop)."""
    main, asked, deadline = spawn(wanted.argv, wanted.record, wanted.bind), False, float("inf")
    status: int | None = None
    while status is None:
        got = signal.sigtimedwait({*FORWARDED, signal.SIGCHLD}, 0.5)
        if got and got.si_signo in FORWARDED:
            with suppress(ProcessLookupError):
                os.kill(main, got.si_signo)
            if got.si_signo in ENDING and not asked:
                asked, deadline = True, time.monotonic() + wanted.stop_seconds
        status = reap().get(main)
        if status is None and time.monotonic() > deadline:
            os.kill(main, signal.SIGKILL)
    end(iter(lambda: descendants(os.getpid()), None))
    wanted.record.unlink(missing_ok=True)
    code = os.waitstatus_to_exitcode(status)
    return (code if code >= 0 else 128 - code), asked


def handle(_number: int, _frame: FrameType | None) -> None:
    """Nothing: a signal needs a handler, or sigtimedwait(2) never sees one that is ignored by default."""


def main() -> int:
    """Keep the program of the command line; the exit status is the program's."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--record", type=Path, required=True)
    reader.add_argument("--stop-seconds", type=float, default=10)
    reader.add_argument("--again", action="store_true")
    reader.add_argument("--bind", nargs=2, action="append", default=[])
    reader.add_argument("argv", nargs="+")
    wanted = reader.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, handle)
    signal.pthread_sigmask(signal.SIG_BLOCK, {*FORWARDED, signal.SIGCHLD})
    end(iter(lambda: leftovers(wanted.record), None))
    while True:
        status, asked = keep(wanted)
        if asked or not status or not wanted.again:
            return status
        time.sleep(1)


if __name__ == "__main__":
    raise SystemExit(main())
