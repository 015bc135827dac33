"""P3: rules, signatures and limits of the filter taken away one by one, and the ways around it opened."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from e2e.sabotage.tools import Break, edited, written
from kindelpost.engines.clamav import client
from kindelpost.engines.clamav.render import socket
from kindelpost.engines.rspamd.probe import probe
from kindelpost.hands import Hands
from kindelpost.lib.files import chown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from e2e.service import Service

__all__ = ["BREAKS"]

HARMLESS = "Kindelpost-Nothing:0:*:" + b"no message has these words".hex() + "\n"


@contextmanager
def changed(service: Service, engine: str, name: str, old: str, new: str) -> Iterator[None]:
    """A file of the live configuration is another one, and the engine runs with it."""
    again = RUN_AGAIN[engine]
    try:
        with edited(service.facts.layout.etc(engine) / name, old, new):
            again(service)
            yield
    finally:
        again(service)


def _rspamd(service: Service) -> None:
    service.instance.supervisor.restart("rspamd")
    _until(lambda: probe(service.facts).ok)


def _clamd(service: Service) -> None:
    service.instance.supervisor.restart("clamd")
    _until(lambda: client.ask(socket(service.facts), "PING") == "PONG")


def _postfix(service: Service) -> None:
    Hands(service.folder).call("reload", name="postfix")
    time.sleep(1)  # its processes read main.cf as they start


RUN_AGAIN: dict[str, Callable[[Service], None]] = {"rspamd": _rspamd, "clamav": _clamd, "postfix": _postfix}


def _until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with suppress(OSError):
            if ready():
                return
        time.sleep(0.1)
    raise AssertionError("it is not back after 30 s")


def broken(check: str, what: str, engine: str, name: str, *, old: str, new: str) -> Break:
    """A case in which one text of the live configuration is another one."""
    return Break(what, (check,), partial(changed, engine=engine, name=name, old=old, new=new))


@contextmanager
def no_signature(service: Service) -> Iterator[None]:
    """The scanner knows another virus than the one that comes."""
    try:
        with written(service.facts.layout.data("clamav") / "eicar.ndb", HARMLESS.encode()):
            _clamd(service)
            yield
    finally:
        _clamd(service)


@contextmanager
def old_signatures(service: Service) -> Iterator[None]:
    """The scanner's official database is a week old: here an unsigned one (.cud), of which clamd says as much."""
    path = service.facts.layout.data("clamav") / "daily.cud"
    path.write_bytes(_database(datetime.now(UTC) - timedelta(days=7)))
    chown(path, "kp-freshclam", "kp-clamav")
    try:
        _clamd(service)
        yield
    finally:
        path.unlink()
        _clamd(service)


def _database(built: datetime) -> bytes:
    """A signature database of that moment: a header of 512 bytes, then a tar archive of what it names."""
    header = f"ClamAV-VDB:{built:%d %b %Y %H-%M} +0000:27000:1:90:X:X:builder:{built.timestamp():.0f}"
    signature = HARMLESS.encode()
    info = f"{header}\ndaily.ndb:{len(signature)}:{hashlib.sha256(signature).hexdigest()}\n".encode()
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in (("daily.info", info), ("daily.ndb", signature)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return header.encode().ljust(512) + sink.getvalue()


MILTER = "\nsmtpd_milters = "
SCANNED = "if not task:cache_get('kindelpost_scanned') then"


BREAKS = (
    Break("the scanner has lost the signature", ("P3.1.plain",), no_signature),
    broken(
        "P3.1.base64",
        "a found virus is only noted",
        "rspamd",
        "kindelpost/virus.lua",
        old="task:set_pre_result({ action = 'reject', message = 'virus found: ' .. name, module = 'kindelpost' })",
        new="task:cache_set('kindelpost_scanned', true)",
    ),
    broken("P3.1.zip", "the scanner opens no archives", "clamav", "clamd.conf", old="ScanArchive yes", new="ScanArchive no"),
    broken(
        "P3.1.nested",
        "the scanner opens one archive and is silent on the rest",
        "clamav",
        "clamd.conf",
        old="AlertExceedsMax yes",
        new="AlertExceedsMax no\nMaxRecursion 2",
    ),
    Break(
        "Postfix asks nobody about mail from outside",
        ("P3.1.message", "P3.2", "P3.3.own", "P6.7"),
        partial(changed, engine="postfix", name="main.cf", old=MILTER, new="\nsmtpd_milters =\nkept = "),
    ),
    broken(
        "P3.3.policy",
        "p=reject means Junk",
        "rspamd",
        "kindelpost/dmarc.lua",
        old="elseif policy == 'reject' or task:has_symbol('DMARC_POLICY_REJECT') and second_signal(task) then",
        new="elseif false then",
    ),
    broken("P3.5", "everything is junk", "rspamd", "local.d/actions.conf", old="add_header = ", new="add_header = -9; was = "),
    broken(
        "P3.5", "new mail is refused", "postfix", "main.cf", old=MILTER, new="\nsmtpd_client_restrictions = reject" + MILTER
    ),
    Break("the signatures are a week old", ("P3.6",), old_signatures),
    broken("P3.7", "what was not scanned passes", "rspamd", "kindelpost/virus.lua", old=SCANNED, new="if false then"),
    broken(
        "P3.7.filter",
        "without the filter mail passes",
        "postfix",
        "main.cf",
        old="milter_default_action = tempfail",
        new="milter_default_action = accept",
    ),
    broken(
        "P3.8",
        "what exceeds a limit is clean",
        "clamav",
        "clamd.conf",
        old="AlertExceedsMax yes",
        new="AlertExceedsMax no",
    ),
    broken(
        "P3.9",
        "clients' mail goes past the filter",
        "postfix",
        "master.cf",
        old="  -o milter_macro_daemon_name=submission\n",
        new="  -o milter_macro_daemon_name=submission\n  -o smtpd_milters=\n",
    ),
)
