"""What the filter says of a harmless letter when the virus scanner is gone (P3.7), tried on a twin so that mail flows on.

The twin is a second Rspamd under the same account, with the live configuration. In a mount namespace of its own it has empty
folders for its sockets and state; then the scanner's folder is emptied before its eyes too.
"""

from __future__ import annotations

import pwd
import struct
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kindelpost.engines import keeper
from kindelpost.engines.rspamd.probe import ask
from kindelpost.engines.supervise import command
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.run import start

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]

PATIENCE_SECONDS = 20.0
SENDER, TO = b"alice@outside.example", b"bob@outside.example"
HARMLESS = (
    (b"D", b"C{daemon_name}\0mx\0"),
    (b"C", b"good.outside.example\0004" + struct.pack(">H", 40000) + b"203.0.113.9\0"),
    (b"M", b"<" + SENDER + b">\0"),
    (b"R", b"<" + TO + b">\0"),
    (b"L", b"From\0" + SENDER + b"\0"),
    (b"L", b"To\0" + TO + b"\0"),
    (b"L", b"Subject\0Tere\0"),
    (b"L", b"Date\0Tue, 24 Nov 2026 09:00:00 +0200\0"),
    (b"L", b"Message-ID\0<twin@outside.example>\0"),
    (b"N", b""),
    (b"B", b"Kohtume teisipaeval kell kumme.\r\n"),
    (b"E", b""),
)


def look(instance: Instance) -> dict[str, str]:
    """{"with": what the twin says with the scanner there, "without": and without it}: an SMTP reply, or the milter's answer."""
    row = next(row for row in instance.table if row.name == "rspamd")
    layout, milter = instance.layout, instance.layout.run("rspamd") / "milter.sock"
    keeper.own_mounts()
    for folder in (layout.run("rspamd"), layout.data("rspamd")):
        _empty(folder, row.account)
    words = command(row, layout)
    with TemporaryDirectory() as kept:
        start(words[words.index("/usr/bin/setpriv") :], log=Path(kept) / "twin.log")  # dies with us: --pdeathsig
        before = _answer(milter)
        _empty(layout.run("clamav"), row.account)
        return {"with": before, "without": _answer(milter)}


def _empty(folder: Path, account: str) -> None:
    """An empty folder of the account's over this one, whose sockets are the group root's too: the helper has no more rights."""
    keeper.mount("none", str(folder), 0, "tmpfs", f"mode=2770,uid={pwd.getpwnam(account).pw_uid},gid=0,size=200m")


def _answer(milter: Path) -> str:
    """Once it answers at all; it may still be starting."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ask(milter, 30.0, HARMLESS)
        except OSError as silent:
            if time.monotonic() > end:
                raise EngineFault("twin-silent", f"The second filter did not answer: {silent}") from silent
        time.sleep(0.1)
