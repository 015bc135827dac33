"""Is the state server answering Rspamd's own user, and refusing what that user may not do?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.base import Probe
from kindelpost.engines.redis import programs
from kindelpost.engines.redis.render import SECRET, user
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["ask", "probe"]


def ask(facts: Facts, socket: Path, *words: str) -> str:
    """What the server at `socket` answers to one command, asked as Rspamd's user. The password goes by the environment."""
    argv = [programs.client(), "-s", str(socket), "--user", user(facts), "--no-auth-warning", *words]
    done = run(argv, check=False, timeout=4, env={"REDISCLI_AUTH": facts.secrets[SECRET]})
    return done.said


def probe(facts: Facts) -> Probe:
    """PING must be answered, CONFIG must be refused (M3.4)."""
    socket = facts.layout.run("redis") / "redis.sock"
    answer = ask(facts, socket, "PING")
    if answer != "PONG":
        return Probe(ok=False, said=f"The state server does not answer at {socket}: {answer or 'silence'}")
    refused = ask(facts, socket, "CONFIG", "GET", "dir")
    if not refused.startswith("NOPERM"):
        return Probe(ok=False, said="Rspamd's user may administer the state server; users.acl is not in force.")
    return Probe(ok=True, said="The state server answers Rspamd's user and refuses it administration.")
