"""Which files and sockets of the instance each service account can open, beyond its own (M3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.reach import foreign
from kindelpost.hands.look import AS
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]

OPENS = ("(", "-type", "f", "-readable", "-o", "-type", "s", "-writable", ")")
MOST = 200


def look(instance: Instance) -> dict[str, dict[str, Any]]:
    """Account → {"sees": how many it can open, "foreign": those that are not its own}."""
    root, found = instance.layout.root, {}
    for account in (*sorted(set(ACCOUNTS.values())), "nobody"):
        group = "nogroup" if account == "nobody" else account
        # Its own mailboxes are as many as there is mail: they are not walked.
        skip = ("-path", "./data/mail", "-prune", "-o") if account == ACCOUNTS["mail"] else ()
        argv = [*AS, f"--reuid={account}", f"--regid={group}", "--", "find", ".", *skip, *OPENS, "-print"]
        paths = [line.removeprefix("./") for line in run(["env", "-C", str(root), *argv], check=False).out.splitlines()]
        found[account] = {"sees": len(paths), "foreign": foreign(account, paths)[:MOST]}
    return found
