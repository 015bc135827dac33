"""What the machine's sendmail command says to each service account that would write in a client's name (P6.1, T40)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.facts import ACCOUNTS
from kindelpost.hands.look import AS
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from kindelpost.engines.instance import Instance

__all__ = ["look"]

SENDMAIL = "/usr/sbin/sendmail"


def look(instance: Instance) -> dict[str, dict[str, object]]:
    """Account → {"code": exit status, "said": its words, "queue": may it write into the queue past the command}.

    What is taken by mistake goes to the service's own mailbox.
    """
    hostname, said = instance.service.hostname, {}
    sender, to = f"canary@canary-b.{hostname}", f"canary@canary-a.{hostname}"
    queue = instance.layout.data("postfix") / "queue" / "maildrop"
    letter = f"From: {sender}\nTo: {to}\nSubject: Kindelpost sendmail\n\nTere!\n"
    for account in sorted(set(ACCOUNTS.values())):
        become = [*AS, f"--reuid={account}", f"--regid={account}", "--"]
        done = run(
            [*become, SENDMAIL, "-C", str(instance.layout.etc("postfix")), "-i", "-f", sender, to], stdin=letter, check=False
        )
        direct = run([*become, "test", "-w", queue], check=False)
        said[account] = {
            "code": done.code,
            "said": done.said[:300],
            "queue": not direct.code and account != ACCOUNTS["postfix"],
        }
    return said
