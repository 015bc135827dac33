"""What happens to harmless mail when the scanner is gone, answers with an error, or is there (P3.7).

Tried on a second Rspamd with the live configuration: the service's own scanner is never stopped. This look gives root up first.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.looks.becoming import become
from kindelpost.engines.rspamd.probe import ask
from kindelpost.engines.rspamd.twin import twin
from kindelpost.engines.tables import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kindelpost.engines.instance import Instance

__all__ = ["look"]

SECONDS = 15.0
# A clean message from outside, as Postfix hands it over at the mail exchanger (libmilter's mfdef.h). It is never delivered.
LETTER = (
    (b"D", b"C{daemon_name}\0mx\0"),
    (b"C", b"localhost\0" + b"4\0\0" + b"127.0.0.1\0"),
    (b"H", b"localhost\0"),
    (b"M", b"<>\0"),
    (b"R", f"<nobody@{MARK}>\0".encode()),
    (b"L", b"From\0stranger@kindelpost.invalid\0"),
    (b"L", f"To\0nobody@{MARK}\0".encode()),
    (b"L", b"Subject\0Tere\0"),
    (b"L", b"Date\0Mon, 01 Jan 2024 12:00:00 +0000\0"),
    (b"L", b"Message-ID\0<tere@kindelpost.invalid>\0"),
    (b"N", b""),
    (b"B", b"Tere!\r\n"),
    (b"E", b""),
)


def look(instance: Instance) -> dict[str, str]:
    """{"gone", "broken", "there"}: the milter's reply (or `accept`) to the same message in each case."""
    layout = instance.layout
    become(ACCOUNTS["rspamd"])
    with twin(layout) as it:
        gone = ask(it.milter, SECONDS, LETTER)
        with _broken(it.scanner):
            broken = ask(it.milter, SECONDS, LETTER)
        it.scanner.symlink_to(it.live_scanner)
        return {"gone": gone, "broken": broken, "there": ask(it.milter, SECONDS, LETTER)}


@contextmanager
def _broken(path: Path) -> Iterator[None]:
    """A scanner that answers every question with an error, as clamd does when it has no room."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        threading.Thread(target=_err, args=(door,), daemon=True).start()
        try:
            yield
        finally:
            door.shutdown(socket.SHUT_RDWR)
            path.unlink()


def _err(door: socket.socket) -> None:
    with suppress(OSError):
        while True:
            caller, _ = door.accept()
            with caller, suppress(OSError):
                caller.recv(65536)
                caller.sendall(b"Can't allocate memory ERROR\0")
                caller.recv(65536)
