"""P6.1 on the machine itself: the `sendmail` command, the queue behind it, and the doors for Sieve and forwards."""

from __future__ import annotations

import smtplib
from typing import Any

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.checks.samples import letter
from kindelpost.engines.helper import ask
from kindelpost.engines.maps import layout
from kindelpost.practice.registry import Result, Target, check, failed, passed

__all__ = ["local"]

# What postdrop(1) says to whom authorized_submit_users does not name, and to whom the way to the queue is closed before that.
REFUSED = ("not allowed to submit mail", "Permission denied")
DOORS = ("sieve-out", "forward-out")
EXPECTED = "The sendmail command, the queue behind it and the internal doors refuse each of them."


def _door(name: str, login: tuple[str, str] | None) -> tries.Reply:
    """What an internal door answers to a stranger on this machine, or to a mailbox's owner; it listens on loopback alone."""
    own, to = canary("a").address, canary("b").address
    with smtplib.SMTP("127.0.0.1", tries.place().port(name), timeout=tries.SECONDS) as client:
        client.ehlo()
        try:
            if login:
                client.login(*login)
        except smtplib.SMTPAuthenticationError as refused:
            return tries.Reply(refused.smtp_code, str(refused.smtp_error))
        return tries.transact(client, own, to, letter(own, to).as_bytes())


@check("P6.1.local", version=2, kind="does", ttl_s=86400, expected=EXPECTED, timeout_s=60)
def local(_target: Target) -> Result:
    """No service account sends by the local sendmail command, and no mailbox's login opens the doors for Sieve and forwards."""
    said: dict[str, dict[str, Any]] = ask(layout(), "postdrop")
    wrong = [f"postdrop lets {account} submit" for account, held in said.items() if not _refused(held["said"])]
    wrong += [f"{account} writes into the queue" for account, held in said.items() if held["queue"]]
    logins = {"without a login": None, "with a mailbox's login": canary("a").login}
    doors = {f"{door} {how}": _door(door, login) for door in DOORS for how, login in logins.items()}
    wrong += [f"{case}: {reply}" for case, reply in doors.items() if not reply.refused]
    details = {"postdrop": said, "doors": {case: str(reply) for case, reply in doors.items()}}
    if wrong:
        return failed(f"{'; '.join(wrong)}.", details=details)
    return passed(
        f"{len(said)} accounts and {len(doors)} tries at internal doors, all refused, such as: {_one(said)}", details=details
    )


def _refused(words: str) -> bool:
    return any(sign in words for sign in REFUSED)


def _one(said: dict[str, dict[str, Any]]) -> str:
    """The words that tell most: the account that got furthest."""
    return str(max((held["said"] for held in said.values()), key=lambda words: REFUSED[0] in words))
