"""The control plane's three processes, never in the path of a message: with all stopped mail flows on.

The worker answers the journal, publishes the maps and tries the service. `hands` is the root helper that looks for it.
The portal answers on a Unix socket that nginx alone reaches; it shares the worker's account, as it shares its tables.
"""

from __future__ import annotations

import hashlib
import http.client
import socket
import sys
import time
from typing import TYPE_CHECKING

from kindelpost.config.version import VERSION
from kindelpost.engines.base import Directory, Engine, File, Probe, Process, Sandbox
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.helper import remember_looks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kindelpost.engines.facts import Facts, Layout

__all__ = ["ENGINE", "heartbeat", "portal_socket"]

ACCOUNT = "kp-control"
STALE_SECONDS = 10.0
# Entering a namespace; becoming another account; reading what belongs to one (files, /proc).
HANDS = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_DAC_READ_SEARCH", "CAP_SYS_PTRACE")
RELAXED = {
    "ProtectProc": ("default", "it looks at the processes of every account"),
    "ProcSubset": ("all", "it reads which sockets listen"),
    "RestrictNamespaces": ("net", "a socket of the outside world is made in that namespace"),
}


def heartbeat(run: Path) -> Path:
    """The file that the worker touches while it works; `run` is the instance's run/control."""
    return run / "heartbeat"


def _render(facts: Facts) -> Mapping[str, File]:
    """What the worker was started with, so that another configuration or code makes another version, hence a restart.

    It reads kindelpost.toml itself; this file holds a digest and nothing to read.
    """
    link = facts.layout.code
    code = link.readlink().name if link.is_symlink() else "none"
    configuration = hashlib.sha256(facts.service.model_dump_json().encode()).hexdigest()
    return {"started-with": File(f"code {code}\nconfiguration {configuration}\n")}


def _validate(_facts: Facts, _staged: Path) -> list[str]:
    return []  # kindelpost.toml was checked when the facts were made


def _probe(facts: Facts) -> Probe:
    """Has the worker moved within ten seconds, and does the portal answer?"""
    try:
        age = time.time() - heartbeat(facts.layout.run("control")).stat().st_mtime
    except OSError:
        return Probe(ok=False, said="The worker has not begun.")
    status = _portal_status(facts)
    well = age < STALE_SECONDS and status == http.HTTPStatus.OK
    return Probe(ok=well, said=f"The worker moved {age:.1f} s ago; the portal answers {status or 'nothing'}.")


def portal_socket(layout: Layout) -> Path:
    """Where the portal answers nginx."""
    return layout.run("portal") / "portal.sock"


def _portal_status(facts: Facts) -> int:
    """The status of the page of the doors; 0 where nothing answers."""
    connection = http.client.HTTPConnection(facts.service.hostname)
    try:
        with socket.socket(socket.AF_UNIX) as plain:
            plain.settimeout(4)
            plain.connect(str(portal_socket(facts.layout)))
            connection.sock = plain
            connection.request("GET", "/sign-in/", headers={"X-Forwarded-Proto": "https", "Connection": "close"})
            return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0


def _directories(facts: Facts) -> tuple[Directory, ...]:
    data, run = facts.layout.data("control"), facts.layout.run("control")
    hands = Directory(facts.layout.run("hands"), "root", ACCOUNT, 0o750)
    portal = Directory(facts.layout.run("portal"), ACCOUNT, ACCOUNTS["nginx"], 0o2750)  # nginx reaches the socket
    return (Directory(data, ACCOUNT, ACCOUNT, 0o700), Directory(run, ACCOUNT, ACCOUNT, 0o750), hands, portal)


def _prepare(facts: Facts) -> None:
    remember_looks(facts)


def _processes(facts: Facts) -> tuple[Process, ...]:
    layout = facts.layout
    writes = (layout.data("control"), layout.run("control"), layout.root / "maps")
    env = {"PYTHONPATH": str(layout.code), "PYTHONUNBUFFERED": "1"}
    return (
        Process(
            "hands",
            (sys.executable, "-m", "kindelpost.hands.daemon", str(layout.root)),
            "root",
            env=env,
            ours=True,
            sandbox=Sandbox(writes=(layout.run("hands"),), capabilities=HANDS, relax=RELAXED),
        ),
        Process(
            "worker",
            (sys.executable, "-m", "kindelpost.cli.worker", "run", "--dir", str(layout.root)),
            ACCOUNT,
            env=env,
            after=("hands",),
            ours=True,
            sandbox=Sandbox(writes=writes, network=facts.service.database.url != "sqlite"),
        ),
        _portal(layout, env, network=facts.service.database.url != "sqlite"),
    )


def _portal(layout: Layout, env: Mapping[str, str], *, network: bool) -> Process:
    return Process(
        "portal",
        (sys.executable, "-m", "kindelpost.web.serve", str(portal_socket(layout))),
        ACCOUNT,
        env={**env, "KINDELPOST_DIR": str(layout.root)},
        after=("worker",),
        ours=True,
        sandbox=Sandbox(writes=(layout.data("control"), layout.run("portal")), network=network),
    )


ENGINE = Engine(
    name="control",
    account=ACCOUNT,
    render=_render,
    validate=_validate,
    probe=_probe,
    version=lambda: VERSION,
    processes=_processes,
    directories=_directories,
    prepare=_prepare,
)
