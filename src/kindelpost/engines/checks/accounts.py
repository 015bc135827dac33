"""M3: each service has an account, a secret and a place of its own, and no other's."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.helper import ask, try_as
from kindelpost.engines.maps import layout
from kindelpost.engines.members import STRAY
from kindelpost.engines.redis.attempts import FORBIDDEN
from kindelpost.practice.registry import Result, Target, check, failed, passed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fingerprints", "keys", "logins", "maps", "reach", "separate", "statements"]

DAY = 86400
CLOSED = {"/usr/sbin/nologin", "/bin/false", "/usr/bin/false"}
# Rows whose master is root by its own design, and the accounts of what it forks.
FORKS = {
    "postfix": {"root", "postfix"},
    "dovecot": {"root", "dovecot", "dovenull", "kp-mail"},
    "nginx": {"root", "kp-nginx"},
    "hands": {"root", "nobody", *ACCOUNTS.values()},  # a try is made as the account that it is about
}
CONTROL = {"worker", "portal"}  # one control plane, one owner of its database (docs/limits.md)
# What keeps the table, and the processes of a command that somebody runs now.
OURS = {"keeper", "supervisor", STRAY}


@check(
    "M3.1", version=1, kind="says", ttl_s=DAY, expected="An account of its own for each daemon, without a shell or a password."
)
def separate(_target: Target) -> Result:
    """Each daemon runs under an account of its own that nobody can sign in to."""
    found = ask(layout(), "accounts")
    wrong = [*_unfit(found["accounts"]), *_shared(found["rows"])]
    if wrong:
        return failed("; ".join(wrong), details=found)
    return passed(f"{len(found['rows'])} rows under {len(found['accounts'])} accounts, none shared.", details=found)


def _unfit(accounts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Accounts that somebody could sign in to, or that are another's too."""
    wrong = []
    for name, held in accounts.items():
        wrong += [f"{name} has the shell {held['shell']}"] if held["shell"] not in CLOSED else []
        wrong += [f"{name} has a password"] if not held["locked"] else []
        wrong += [f"{name} has the number of {', '.join(held['shares'])}"] if held["shares"] or not held["uid"] else []
    return wrong


def _shared(rows: Mapping[str, list[str]]) -> list[str]:
    """Rows that run under an account which is not theirs, and accounts that run more than one row."""
    wrong, used = [], defaultdict(list)
    for row, accounts in rows.items():
        if row in OURS:
            continue
        allowed = FORKS.get(row)
        if allowed:
            strange = set(accounts) - allowed
            wrong += [f"{row} runs under {', '.join(sorted(strange))}"] if strange else []
            continue
        for account in accounts:
            used[account].append(row)
    for account, names in used.items():
        engines = {"control" if name in CONTROL else name.partition("-")[0] for name in names}
        wrong += [f"{account} runs {' and '.join(names)}"] if account == "root" or len(engines) > 1 else []
    return wrong


@check("M3.2", version=1, kind="says", ttl_s=DAY, expected="No two secrets of the instance are equal.")
def fingerprints(_target: Target) -> Result:
    """No secret is used twice."""
    found: dict[str, str] = ask(layout(), "fingerprints")
    alike = defaultdict(list)
    for name, fingerprint in found.items():
        alike[fingerprint].append(name)
    twice = [" = ".join(names) for names in alike.values() if len(names) > 1]
    return failed(f"Equal: {'; '.join(twice)}.") if twice else passed(f"{len(found)} secrets, no two equal.")


@check("M3.3", version=1, kind="does", ttl_s=DAY, expected="No account opens a file or socket of another.", timeout_s=90)
def reach(_target: Target) -> Result:
    """No account reaches what is another's."""
    found: dict[str, dict[str, Any]] = ask(layout(), "reach")
    wrong = [f"{account} opens {', '.join(held['foreign'][:5])}" for account, held in found.items() if held["foreign"]]
    if wrong:
        return failed("; ".join(wrong), details=found)
    return passed(f"{len(found)} accounts, each tried on everything: only its own and what is public opens.", details=found)


@check("M3.4.statements", version=1, kind="does", ttl_s=DAY, expected="Statements beyond the filter's own work are refused.")
def statements(_target: Target) -> Result:
    """The state server refuses what its user must not ask, and a stranger everything."""
    said: dict[str, str] = ask(layout(), "statements")
    taken = [f"{words}: {reply}" for words, reply in said.items() if not reply.startswith(("-NOPERM", "-NOAUTH"))]
    if taken or len(said) < len(FORBIDDEN):
        return failed(f"Answered: {'; '.join(taken)}", details=said)
    return passed(f"{len(said)} statements, all refused, such as {next(iter(said.items()))}.", details=said)


@check("M3.4.maps", version=1, kind="does", ttl_s=DAY, expected="No engine can write what is published to it.")
def maps(_target: Target) -> Result:
    """What is published is written by the publisher alone."""
    root, tried, wrong = layout().root, 0, []
    files = sorted(str(path.relative_to(root)) for path in (root / "maps").rglob("*") if path.is_file())
    for account in sorted(set(ACCOUNTS.values()) - {ACCOUNTS["control"]}):
        said = try_as(layout(), account, "write", files)
        wrong += [f"{account} writes {path}" for path, word in said.items() if word == "done"]
        tried += len(said)
    return failed("; ".join(wrong)) if wrong else passed(f"{tried} attempts on {len(files)} files, all refused.")


KEYS = {  # private key → who may read it
    "tls/front/key.pem": set[str](),
    "tls/ca/key.pem": set[str](),
    "tls/outside/key.pem": {"kp-outside"},
    "data/control/evidence.key": {"kp-control"},
    "data/control/field.key": {"kp-control"},
    "data/control/canary.json": {"kp-control"},
}


@check("M3.5", version=1, kind="does", ttl_s=DAY, expected="Each private key opens for its holder alone.")
def keys(_target: Target) -> Result:
    """Private keys are readable by their owner alone."""
    root = layout().root
    known = ask(layout(), "fingerprints")
    holders = {**KEYS, **{name: set[str]() for name in known if name.startswith("secrets/")}}
    holders |= {name: {"kp-nginx"} for name in known if name.startswith("tls/nginx/")}  # found by the name in the handshake
    dkim = (str(path.relative_to(root)) for path in (root / "maps" / "rspamd" / "dkim").glob("*"))
    holders |= {path: {"kp-control", "kp-rspamd"} for path in dkim}
    wrong = []
    for account in sorted(set(ACCOUNTS.values())):
        said = try_as(layout(), account, "read", list(holders))
        wrong += [f"{account} reads {path}" for path, word in said.items() if word == "done" and account not in holders[path]]
    if wrong:
        return failed("; ".join(wrong))
    return passed(f"{len(holders)} keys and secrets, tried by {len(set(ACCOUNTS.values()))} accounts.")


@check("M3.6", version=1, kind="says", ttl_s=DAY, expected="No service account signed in within 30 days, nor could it.")
def logins(_target: Target) -> Result:
    """No service account ever signs in."""
    found = ask(layout(), "accounts")
    wrong = [f"signed in: {one}" for one in found["logins"]] + _unfit(found["accounts"])
    if wrong:
        return failed("; ".join(wrong))
    read = ", ".join(found["read"]) or "none on this machine"
    return passed(f"{len(found['accounts'])} accounts without shell and password; logs of sign-ins: {read}; none in them.")
