"""The service accounts: how they stand in the machine's files, what runs under them, who signed in (M3.1, M3.6)."""

from __future__ import annotations

import pwd
import re
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.members import members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kindelpost.engines.instance import Instance

__all__ = ["look"]

MONTH_SECONDS = 30 * 86400
UTMP = struct.Struct("hi32s4s32s256shhiii4i20s")  # utmp(5) on Linux: type, pid, line, id, user, host, …, seconds
USER_PROCESS = 7
LOGS = ("/var/log/auth.log", "/var/log/auth.log.1", "/var/log/secure")
SIGNED_IN = re.compile(r"(?:Accepted \S+ for|session opened for user) ([\w-]+)")


def look(instance: Instance) -> dict[str, Any]:
    """{"accounts": name → {"uid", "shell", "locked", "shares"}, "rows": row → accounts that run it, "logins", "read"}."""
    names = sorted(set(ACCOUNTS.values()))
    locked = dict(_locked())
    by_uid: dict[int, list[str]] = {}
    for entry in pwd.getpwall():
        by_uid.setdefault(entry.pw_uid, []).append(entry.pw_name)
    accounts = {}
    for name in names:
        entry = pwd.getpwnam(name)
        others = [other for other in by_uid[entry.pw_uid] if other != name]
        accounts[name] = {"uid": entry.pw_uid, "shell": entry.pw_shell, "locked": locked.get(name, False), "shares": others}
    read, logins = _signed_in(set(names))
    return {"accounts": accounts, "rows": _rows(instance), "logins": logins, "read": read}


def _locked() -> Iterator[tuple[str, bool]]:
    """Account → no password opens it (shadow(5): a field that no hash can be)."""
    for line in Path("/etc/shadow").read_text(encoding="utf-8").splitlines():
        name, secret, *_rest = line.split(":")
        yield name, secret.startswith(("!", "*"))


def _rows(instance: Instance) -> dict[str, list[str]]:
    """Row of the process table → the accounts under which it runs now."""
    found: dict[str, set[str]] = {}
    for pid, row in members(instance.layout).items():
        try:
            owner = Path(f"/proc/{pid}").stat().st_uid
        except OSError:
            continue
        found.setdefault(row, set()).add(pwd.getpwuid(owner).pw_name)
    return {row: sorted(owners) for row, owners in sorted(found.items())}


def _signed_in(names: set[str]) -> tuple[list[str], list[str]]:
    """The logs that this machine keeps, and the sign-ins of service accounts in them within 30 days."""
    read, found = [], []
    for path in map(Path, ("/var/log/wtmp", "/var/log/wtmp.1")):
        if path.exists():
            read.append(str(path))
            found += [f"{user} at {at}" for user, at in _wtmp(path.read_bytes()) if user in names]
    for path in map(Path, LOGS):
        if path.exists() and time.time() - path.stat().st_mtime < MONTH_SECONDS:
            read.append(str(path))
            said = SIGNED_IN.findall(path.read_text(encoding="utf-8", errors="replace"))
            found += [f"{user} in {path.name}" for user in said if user in names]
    return read, sorted(set(found))


def _wtmp(raw: bytes) -> Iterator[tuple[str, int]]:
    oldest = time.time() - MONTH_SECONDS
    for start in range(0, len(raw) - UTMP.size + 1, UTMP.size):
        kind, _pid, _line, _id, user, _host, _e, _x, _session, seconds, *_rest = UTMP.unpack_from(raw, start)
        if kind == USER_PROCESS and seconds > oldest:
            yield user.rstrip(b"\0").decode(errors="replace"), seconds
