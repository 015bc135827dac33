"""What each service account may reach in an instance; whatever else it can open is a finding (M3.3).

`OPEN` is readable for everybody on the machine, each area with its reason: nothing in it is a secret.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kindelpost.engines.facts import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DOVECOT_SOCKETS", "OPEN", "area", "foreign"]

OPEN = {
    ".": "the service's configuration, and what the folder is",
    "code.versions": "our program",
    "tls/ca": "the certificate that clients must trust",
    "tls/front": "the certificate that we show",
    "tls/outside": "the certificate that the outside world shows",
    "etc/postfix": "main.cf and master.cf, which sendmail(1) reads as its caller",
    "etc/dovecot": "the script that files marked mail",
    "etc/unbound": "resolv.conf, which stands in for the machine's",
    "run/nginx": "the number of nginx's master",
    "data/dovecot/state": "Dovecot's own id of this installation",
}
# What each account may read or connect to besides what is open and what is its own.
OWN = {
    "control": {"control", "maps", "run/hands", "run/portal"},
    "mail": {"data/mail", "etc/dovecot", "run/dovecot"},
    "images": {"images"},
    "rspamd": {"rspamd", "run/redis", "run/clamav", "run/images"},
    "clamav": {"clamav", "data/clamd"},
    "freshclam": {"data/clamav"},
    "redis": {"redis"},
    "unbound": {"unbound"},
    "nginx": {"nginx", "run/portal"},
    "srs": {"srs"},
    "sts": {"sts"},
    "outside": {"outside"},
    "postfix": {"postfix", "run/dovecot", "run/rspamd", "run/srs", "run/sts"},
    "dovecot": {"dovecot"},
}
# Of Dovecot's sockets, those that others may open: sign-in and delivery (Postfix), lookups and counters (mail processes).
DOVECOT_SOCKETS = {
    "postfix": {"auth-postfix", "lmtp-postfix", "quota-postfix"},
    "mail": {"anvil", "auth-userdb", "indexer", "stats-writer"},
}
KINDS = ("etc", "maps", "run", "data", "tls")
VERSION = re.compile(r"etc/\.versions/([a-z]+)-[0-9a-f]{16}")
NAMES = {account: name for name, account in ACCOUNTS.items()}


def area(path: str) -> str:
    """`data/mail` of data/mail/a.example/…, `.` of what lies in the instance's folder itself."""
    parts = path.split("/")
    if path.startswith("data/dovecot/state"):
        return "data/dovecot/state"
    return "." if len(parts) == 1 else "/".join(parts[:2]) if parts[0] in KINDS else parts[0]


def foreign(account: str, paths: Iterable[str]) -> list[str]:
    """Of the paths (relative to the instance) that `account` can open, those that it must not; `nobody` may open nothing."""
    name = NAMES.get(account, "")
    return [path for path in paths if not _may(name, VERSION.sub(r"etc/\1", path))]


def _may(name: str, path: str) -> bool:
    where = area(path)
    kind, _, engine = where.partition("/")
    if where in OPEN:
        return True
    if where == "run/dovecot" and name in DOVECOT_SOCKETS:
        return path.removeprefix("run/dovecot/") in DOVECOT_SOCKETS[name]
    return bool({where, engine, kind} & OWN.get(name, set()))
