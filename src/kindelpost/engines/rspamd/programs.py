"""The installed Rspamd: its version, and the variables that make it use our folders instead of the package's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kindelpost.lib.errors import EngineFault
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["RSPAMADM", "RSPAMD", "variables", "version"]

RSPAMD, RSPAMADM = "/usr/bin/rspamd", "/usr/bin/rspamadm"


def version() -> str:
    """The installed version, such as "3.4"."""
    said = run([RSPAMD, "--version"]).out
    found = re.search(r"version (\d+(?:\.\d+)+)", said)
    if not found:
        raise EngineFault("rspamd-version", f"Rspamd's version is not to be read from: {said[:200]}")
    return found.group(1)


def variables(facts: Facts, etc: Path) -> tuple[str, ...]:
    """The arguments for rspamd and rspamadm: `etc` over the stock /etc/rspamd, state and sockets in the instance."""
    layout = facts.layout
    return (
        f"--var=LOCAL_CONFDIR={etc}",
        f"--var=DBDIR={layout.data('rspamd')}",
        f"--var=RUNDIR={layout.run('rspamd')}",
        f"--var=LOGDIR={layout.log}",
    )
