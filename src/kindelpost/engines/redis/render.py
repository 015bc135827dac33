"""Facts in, Redis's two files out: the configuration and the list of who may do what."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from kindelpost.engines.base import File
from kindelpost.engines.templates import render_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kindelpost.engines.facts import Facts

__all__ = ["SECRET", "render", "user"]

SECRET = "redis-rspamd"  # noqa: S105 -- the secret's name, not its value

# All keys: the server is Rspamd's alone, and Rspamd hands its scripts numbers (rate limits) and packed tokens (Bayes, 3.12) as
# if they were keys, so that no pattern can tell them apart. What keeps others out is the socket and the one user.
KEYS = "~*"
# Rspamd's scripts read and write keys of their own; nothing that administers, reads all keys or blocks (M3.2, M3.4).
COMMANDS = (
    "-@all +@read +@write +@scripting +@connection +info -@admin -@dangerous -@blocking -function -script|flush -script|kill"
)


def user(facts: Facts) -> str:
    """The name that Rspamd logs in with. 3.4 sends a password alone (`AUTH password`), which logs in as `default`.

    Then `default` is Rspamd's user, with the same narrow rights; from 3.7 on it has its own name and `default` is off.
    """
    return "rspamd" if facts.version("rspamd") >= (3, 7) else "default"


def render(facts: Facts) -> Mapping[str, File]:
    """The rendered files: `redis.conf` and `users.acl` (the password only as its SHA-256)."""
    layout = facts.layout
    conf = render_template(
        "redis",
        "redis.conf.j2",
        socket=layout.run("redis") / "redis.sock",
        users=layout.etc("redis") / "users.acl",
        data=layout.data("redis"),
    )
    users = render_template(
        "redis",
        "users.acl.j2",
        named=user(facts) != "default",
        digest=sha256(facts.secrets[SECRET].encode()).hexdigest(),
        keys=KEYS,
        commands=COMMANDS,
    )
    return {"redis.conf": File(conf), "users.acl": File(users)}
