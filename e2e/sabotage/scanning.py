"""P3: rules, signatures and limits of the filter taken away one by one, and the ways around it opened."""

from __future__ import annotations

import hashlib
import io
import tarfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from e2e.sabotage.tools import Break, engine_edited, restarted, written
from kindelpost.lib.files import chown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.service import Service

__all__ = ["BREAKS"]

PROCESS = {"clamav": "clamd"}
HARMLESS = "Kindelpost-Nothing:0:*:" + b"no message has these words".hex() + "\n"


def broken(check: str, what: str, engine: str, name: str, *, old: str, new: str) -> Break:
    """A case in which one text of the live configuration is another one."""
    return Break(what, (check,), engine_edited(engine, (name, old, new), process=PROCESS.get(engine, "")))


@contextmanager
def no_signature(service: Service) -> Iterator[None]:
    """The scanner knows another virus than the one that comes."""
    try:
        with written(service.facts.layout.data("clamav") / "eicar.ndb", HARMLESS.encode()):
            restarted(service, "clamav", "clamd")
            yield
    finally:
        restarted(service, "clamav", "clamd")


@contextmanager
def old_signatures(service: Service) -> Iterator[None]:
    """The scanner's official database is a week old: here an unsigned one (.cud), of which clamd says as much."""
    path = service.facts.layout.data("clamav") / "daily.cud"
    path.write_bytes(_database(datetime.now(UTC) - timedelta(days=7)))
    chown(path, "kp-freshclam", "kp-clamav")
    try:
        restarted(service, "clamav", "clamd")
        yield
    finally:
        path.unlink()
        restarted(service, "clamav", "clamd")


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
        engine_edited("postfix", ("main.cf", MILTER, "\nsmtpd_milters =\nkept = ")),
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
