"""nginx's own checker, its version, and security.txt, which carries a date and so cannot be rendered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kindelpost.engines.nginx.render import security_txt
from kindelpost.lib.clock import now
from kindelpost.lib.files import write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["prepare", "validate", "version"]

CONTENT = ("syntax is ok", "test is successful")
VALID = timedelta(days=180)


def version() -> str:
    """The installed release, such as 1.22.1."""
    return run(["nginx", "-v"]).said.rpartition("/")[2].split()[0]


def validate(_facts: Facts, staged: Path) -> list[str]:
    """What `nginx -t` says beyond its two lines of content; a warning is a complaint."""
    done = run(["nginx", "-t", "-e", "stderr", "-c", staged / "nginx.conf"], check=False)
    said = [line for line in done.said.splitlines() if not line.endswith(CONTENT)]
    return said or ([f"nginx -t ended with {done.code}"] if done.code else [])


def prepare(facts: Facts) -> None:
    """Write security.txt with half a year before it; called at each start, and by whoever keeps it fresh."""
    expires = (now() + VALID).replace(hour=0, minute=0, second=0, microsecond=0)
    write_atomic(facts.layout.data("nginx") / "security.txt", security_txt(facts, expires), owner="root", group="kp-nginx")
