"""ClamAV: clamd scans what Rspamd shows it; freshclam brings the signatures. Serves P3.1, P3.6-P3.9, M3.1.

clamd never listens on TCP, never writes signatures and never passes as clean what exceeds a limit. Without official signatures
it still starts and finds the EICAR test virus by our own signature; the probe says so plainly. Debian's AppArmor profiles
(/etc/apparmor.d/usr.sbin.clamd, usr.bin.freshclam) allow /var/lib/clamav only, so that on a machine with AppArmor both
programs start outside them (`apparmor.py`), and our sandbox takes the profile's place.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.engines.apparmor import UNCONFINED
from kindelpost.engines.base import Directory, Engine, Process, Sandbox
from kindelpost.engines.clamav.probe import probe
from kindelpost.engines.clamav.render import render, scratch
from kindelpost.engines.clamav.validate import validate
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.files import write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["ENGINE"]

SCANNER, UPDATER = ACCOUNTS["clamav"], ACCOUNTS["freshclam"]
OWN_SIGNATURES = Path(__file__).parent / "data" / "eicar.ndb"


def version() -> str:
    """The installed version, such as "1.4.6"."""
    said = run(["clamd", "--version"]).out
    found = re.search(r"ClamAV (\d+(?:\.\d+)+)", said)
    if not found:
        raise EngineFault("clamav-version", f"clamd's version is not to be read from: {said[:200]}")
    return found.group(1)


def _processes(facts: Facts) -> tuple[Process, ...]:
    layout = facts.layout
    clamd = Process(
        "clamd",
        ("/usr/sbin/clamd", f"--config-file={layout.etc('clamav') / 'clamd.conf'}"),
        SCANNER,
        stop_seconds=20,
        sandbox=Sandbox(writes=(layout.run("clamav"), scratch(facts)), network=False, relax=UNCONFINED),
    )
    freshclam = Process(
        "freshclam",
        ("/usr/bin/freshclam", "--daemon", "--foreground", f"--config-file={layout.etc('clamav') / 'freshclam.conf'}"),
        UPDATER,
        sandbox=Sandbox(writes=(layout.data("clamav"),), relax=UNCONFINED),
    )
    return (clamd, freshclam)


def _directories(facts: Facts) -> tuple[Directory, ...]:
    """The signatures are freshclam's, clamd's group reads them: setgid gives each new file that group."""
    return (
        Directory(facts.layout.data("clamav"), UPDATER, SCANNER, 0o2750),
        Directory(scratch(facts), SCANNER, SCANNER, 0o700),
        Directory(facts.layout.run("clamav"), SCANNER, ACCOUNTS["rspamd"], 0o2750),
    )


def _prepare(facts: Facts) -> None:
    """Lay our own signature beside freshclam's, so that clamd starts and finds EICAR from the first minute."""
    target = facts.layout.data("clamav") / OWN_SIGNATURES.name
    write_atomic(target, OWN_SIGNATURES.read_bytes(), mode=0o440, owner="root", group=SCANNER)


ENGINE = Engine(
    name="clamav",
    account=SCANNER,
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=_processes,
    directories=_directories,
    prepare=_prepare,
)
