"""Whom the engines trust for their address, by their own answers (P6.4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kindelpost.engines.rspamd.programs import RSPAMADM, variables
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]

POSTFIX = (
    "mynetworks",
    "smtpd_authorized_xclient_hosts",
    "smtpd_authorized_xforward_hosts",
    "smtpd_authorized_verp_clients",
    "smtpd_forbid_bare_newline_exclusions",
    "smtpd_forbid_unauth_pipelining_exceptions",
    "smtpd_client_event_limit_exceptions",
    "smtpd_sasl_exceptions_networks",
    "postscreen_access_list",
)
NOBODY = {"smtpd_sasl_exceptions_networks", "postscreen_access_list"}  # does nothing here: no door of that kind
DOVECOT = ("login_trusted_networks", "haproxy_trusted_networks")
RSPAMD = ("local_addrs", "local_networks")


def look(instance: Instance) -> dict[str, str]:
    """Engine and setting → its value now; services of Postfix that override one are `postfix service/type/setting`."""
    etc = instance.layout.etc
    found: dict[str, str] = {}
    for line in run(["postconf", "-c", etc("postfix"), *POSTFIX], check=False).out.splitlines():
        name, _, value = line.partition(" =")
        found |= {f"postfix {name}": value.strip()} if name not in NOBODY else {}
    for line in run(["postconf", "-c", etc("postfix"), "-P"]).out.splitlines():
        where, _, value = line.partition(" = ")
        if where.rpartition("/")[2] in POSTFIX:
            found[f"postfix {where}"] = value.strip()
    for line in run(["doveconf", "-c", etc("dovecot") / "dovecot.conf", *DOVECOT], check=False).out.splitlines():
        name, _, value = line.partition(" =")
        found[f"dovecot {name}"] = value.strip()
    rspamd = etc("rspamd")
    argv = [RSPAMADM, *variables(instance.facts, rspamd), "configdump", "-j", "-c", str(rspamd / "rspamd.conf"), "options"]
    options = json.loads(run(argv).out)
    options = options.get("options", options)
    return found | {f"rspamd {name}": " ".join(map(str, options.get(name) or ())) for name in RSPAMD}
