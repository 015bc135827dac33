"""Rspamd: the filter of every message, in and out. Serves P3, P5.2, P5.8, P5.10, P6.1-P6.4 and P6.7.

It runs as its own account from the start, over the package's stock /etc/rspamd, which is never edited. It never passes what
was not scanned, trusts no address, asks no stranger about mail (DNS blocklists go through our own resolver), and holds no
credential but its own for the state server. Our rules are the Lua files in lua/, one a concern:

door       which way a message came (milter macro {daemon_name}) and who has logged in
address    reading one mailbox strictly
tenants    the published maps
ownership  P6, a login uses only what it owns                  inbound  P6.7, nobody outside claims a hosted domain
dmarc      how a DMARC failure is ruled                        virus    clamd, and 4xx when it is not there
guard      4xx for what a rule could not judge            malformed  what no scanner sees whole
headers    T16, what only we may say is taken off              signing  DKIM twice, ARC for forwards
partly     signatures with l= (T14)
lookalike  P3.4, senders that pass for a hosted domain        credentials  P3.4, pages that ask for a password
qr         P3.4, what the QR codes in images point to
limits     how much one mailbox may send

`twin` starts a second one with the live configuration for some seconds, to see what becomes of mail without the scanner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.base import Directory, Engine, Process, Sandbox
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.redis.render import SECRET as REDIS_SECRET
from kindelpost.engines.rspamd.probe import probe
from kindelpost.engines.rspamd.programs import RSPAMD, variables, version
from kindelpost.engines.rspamd.render import CONTROLLER_SECRET, render
from kindelpost.engines.rspamd.validate import validate

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["ENGINE"]

ACCOUNT = ACCOUNTS["rspamd"]


def _processes(facts: Facts) -> tuple[Process, ...]:
    layout = facts.layout
    etc, run = layout.etc("rspamd"), layout.run("rspamd")
    return (
        Process(
            "rspamd",
            (RSPAMD, "--no-fork", f"--config={etc / 'rspamd.conf'}", *variables(facts, etc)),
            ACCOUNT,
            after=("redis", "clamd", "images", "unbound"),
            reload=("signal", "HUP"),
            stop_seconds=8,  # 3.12 would wait 140 s for idle milter sessions; what is not answered, Postfix defers
            sandbox=Sandbox(
                writes=(layout.data("rspamd"), run),
                relax={"MemoryDenyWriteExecute": ("no", "LuaJIT, Hyperscan and PCRE compile to machine code")},
            ),
        ),
    )


def _directories(facts: Facts) -> tuple[Directory, ...]:
    return (
        Directory(facts.layout.data("rspamd"), ACCOUNT, ACCOUNT, 0o700),
        Directory(facts.layout.run("rspamd"), ACCOUNT, ACCOUNTS["postfix"], 0o2750),
    )


ENGINE = Engine(
    name="rspamd",
    account=ACCOUNT,
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=_processes,
    directories=_directories,
    secrets=(REDIS_SECRET, CONTROLLER_SECRET),
)
