"""The process table as sandboxed systemd units: everything is closed, what must be open has its reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kindelpost.engines.base import Process

__all__ = ["render_units"]

# systemd.exec(5), systemd.resource-control(5). The order is that of the rendered unit.
CLOSED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "DevicePolicy": "closed",
    "PrivateUsers": "yes",
    "PrivateNetwork": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectControlGroups": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "ProcSubset": "pid",
    "RestrictAddressFamilies": "AF_UNIX",
    "IPAddressDeny": "any",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "RemoveIPC": "yes",
    "KeyringMode": "private",
    "SystemCallArchitectures": "native",
    "SystemCallFilter": "@system-service\nSystemCallFilter=~@privileged @resources",
    "SystemCallErrorNumber": "EPERM",
}

# A capability is of no use while the system calls that need it are closed.
CALLS = {
    "CAP_SETUID": "@setuid",
    "CAP_SETGID": "@setuid",
    "CAP_CHOWN": "@chown",
    "CAP_SYS_CHROOT": "chroot",
    "CAP_SYS_ADMIN": "setns",
}

UNIT = """\
# Made by kindelpost from its table of processes; a change made here is lost.
[Unit]
Description=Kindelpost: {name}
Documentation=https://www.freedesktop.org/software/systemd/man/systemd.exec.html
PartOf={prefix}.target
After=network.target{after}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={start}
{reload}User={account}
Group={group}
UMask={umask}
{env}Restart=always
RestartSec=1
KillMode=mixed
KillSignal=SIG{signal}
TimeoutStopSec={stop}
LimitNOFILE=65536
{places}{sandbox}
[Install]
WantedBy={prefix}.target
"""

TARGET = """\
# Made by kindelpost from its table of processes; a change made here is lost.
[Unit]
Description=Kindelpost: the secure mail service
Wants={wants}

[Install]
WantedBy=multi-user.target
"""


def render_units(table: Iterable[Process], *, prefix: str = "kindelpost") -> dict[str, str]:
    """File name → text: `<prefix>-<name>.service` for each process, and `<prefix>.target` for all."""
    rows = tuple(table)
    units = {f"{prefix}-{row.name}.service": _unit(row, prefix) for row in rows}
    return {**units, f"{prefix}.target": TARGET.format(wants=" ".join(units))}


def _unit(row: Process, prefix: str) -> str:
    places = [f"ReadWritePaths={_word(str(path))}" for path in row.sandbox.writes]
    places += [f"BindReadOnlyPaths={_word(f'{source}:{target}')}" for source, target in row.binds.items()]
    if row.netns:
        places.append(f"NetworkNamespacePath=/run/netns/{row.netns}")
    return UNIT.format(
        name=row.name,
        prefix=prefix,
        after="".join(f" {prefix}-{name}.service" for name in row.after),
        start=_words(row.argv),
        reload=f"ExecReload={_reload(row)}\n" if row.reload else "",
        account=row.account,
        group=row.group or row.account,
        umask=f"0{row.umask.lstrip('0')}",
        env="".join(f"Environment={_word(f'{name}={value}')}\n" for name, value in sorted(row.env.items())),
        signal=row.stop_signal,
        stop=row.stop_seconds,
        places="".join(f"{place}\n" for place in places),
        sandbox=_sandbox(row),
    )


def _sandbox(row: Process) -> str:
    settings = {name: (value, "") for name, value in CLOSED.items()} | _opened(row)
    lines = []
    for name, (value, reason) in (settings | dict(row.sandbox.relax)).items():
        lines += [f"# {reason}"] if reason else []
        lines.append(f"{name}={value}")
    return "\n".join(lines) + "\n"


def _opened(row: Process) -> dict[str, tuple[str, str]]:
    """What follows from the row itself: network, capabilities, and the calls that these need."""
    opened: dict[str, tuple[str, str]] = {}
    caps = row.sandbox.capabilities
    if row.sandbox.network:
        opened["PrivateNetwork"] = ("no", "it serves or asks the network")
        opened["RestrictAddressFamilies"] = ("AF_UNIX AF_INET AF_INET6", "it serves or asks the network")
        opened["IPAddressDeny"] = ("", "it serves or asks the network")
    if caps or row.account == "root":
        why = "a root of a user namespace has no power over the files and ports outside it"
        opened["PrivateUsers"] = ("no", why)
        opened["CapabilityBoundingSet"] = (" ".join(caps), "its master binds and forks under other accounts")
        calls = sorted({CALLS[name] for name in caps if name in CALLS})
        if calls:
            value = f"{CLOSED['SystemCallFilter']}\nSystemCallFilter={' '.join(calls)}"
            opened["SystemCallFilter"] = (value, "the calls that its capabilities are for")
    if caps and row.account != "root":
        opened["AmbientCapabilities"] = (" ".join(caps), "it starts without root")
    return opened


def _reload(row: Process) -> str:
    return f"/bin/kill -{row.reload[1]} $MAINPID" if row.reload[0] == "signal" else _words(row.reload)


def _words(argv: Iterable[str]) -> str:
    return " ".join(_word(word) for word in argv)


def _word(text: str) -> str:
    """A word of a unit file (systemd.syntax(7)): % and $ stand for themselves, quoted where white space or quotes are in it."""
    safe = text.replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[\w@%+=:,./$-]+", safe, re.ASCII):
        return safe
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
