"""What the state server answers to statements that its user must not make (M3.4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.redis import attempts
from kindelpost.engines.redis.render import SECRET, user
from kindelpost.hands.look import AS
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]


def look(instance: Instance) -> dict[str, str]:
    """Statement → the first line of the reply, asked under the account that may open the socket."""
    facts, account = instance.facts, ACCOUNTS["rspamd"]
    asked = {
        "socket": str(instance.layout.run("redis") / "redis.sock"),
        "user": user(facts),
        "password": facts.secrets[SECRET],
    }
    argv = [*AS, f"--reuid={account}", f"--regid={account}", "--", "/usr/bin/python3", "-I", "-S", attempts.__file__]
    said: dict[str, str] = json.loads(run(argv, stdin=json.dumps(asked)).out)
    return said
