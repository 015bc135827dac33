"""Redis or Valkey: what Rspamd remembers (Bayes, rate limits). Serves P3, P5.8 and M3 (one user, one secret, one socket).

It never holds mail, passwords or anything of a client; it never listens on TCP; nobody but Rspamd can reach it. When it is
down mail is still scanned and delivered, without Bayes and without rate limits, and the probe says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.base import Directory, Engine, Process, Sandbox
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.redis import programs
from kindelpost.engines.redis.probe import probe
from kindelpost.engines.redis.render import SECRET, render
from kindelpost.engines.redis.validate import validate

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["ENGINE"]

ACCOUNT = ACCOUNTS["redis"]


def _processes(facts: Facts) -> tuple[Process, ...]:
    """The server. It reads its configuration only at the start, so that a change restarts it (under a second)."""
    data = facts.layout.data("redis")
    conf = facts.layout.etc("redis") / "redis.conf"
    sandbox = Sandbox(writes=(data, facts.layout.run("redis")), network=False)
    return (Process("redis", (programs.server(), str(conf)), ACCOUNT, sandbox=sandbox),)


def _directories(facts: Facts) -> tuple[Directory, ...]:
    return (
        Directory(facts.layout.data("redis"), ACCOUNT, ACCOUNT, 0o700),
        Directory(facts.layout.run("redis"), ACCOUNT, ACCOUNTS["rspamd"], 0o2750),
    )


ENGINE = Engine(
    name="redis",
    account=ACCOUNT,
    render=render,
    validate=validate,
    probe=probe,
    version=programs.version,
    processes=_processes,
    directories=_directories,
    secrets=(SECRET,),
)
