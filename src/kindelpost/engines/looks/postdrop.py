"""What postdrop(1), through which the local `sendmail` command submits, says to each service account (P6.1, T40).

It is run without the right to gain privileges, so that no message can come of it. Whom `authorized_submit_users` does not name
is told so; anybody else is let in as far as the queue's folder, where it waits for a right that it does not get.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from kindelpost.engines.facts import ACCOUNTS
from kindelpost.hands.look import become
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.instance import Instance

__all__ = ["look"]

SECONDS = 4.0  # a refusal takes one: Postfix waits after a fatal error


def look(instance: Instance) -> dict[str, dict[str, Any]]:
    """Account → {"said": postdrop's words, "queue": may it write into the queue past the command}; Postfix owns the queue."""
    etc, queue = instance.layout.etc("postfix"), instance.layout.data("postfix") / "queue" / "maildrop"
    accounts = sorted(set(ACCOUNTS.values()))
    with ThreadPoolExecutor(len(accounts)) as pool:
        said = dict(zip(accounts, pool.map(lambda account: _said(account, etc), accounts), strict=True))
    writers = [account for account in accounts if not run([*become(account), "test", "-w", queue], check=False).code]
    return {
        account: {"said": said[account], "queue": account in writers and account != ACCOUNTS["postfix"]} for account in accounts
    }


def _said(account: str, etc: Path) -> str:
    try:
        return run([*become(account), "/usr/sbin/postdrop", "-c", etc], check=False, timeout=SECONDS).said.strip()
    except EngineFault as late:
        return late.message
