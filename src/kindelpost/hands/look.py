"""The verbs that only look: what a check needs root for, and nothing that changes anything (M3, drift, tries from outside)."""

from __future__ import annotations

import json
import pwd
import re
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from kindelpost.hands import attempt, netns
from kindelpost.hands.verbs import NAME, matched
from kindelpost.lib.errors import Refused
from kindelpost.lib.files import write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Look", "become"]

ANSWER_BYTES, ERROR_BYTES = 4_000_000, 2_000
ASK_SECONDS = 45
TRY_SECONDS = 30
TRIED = 20_000  # paths a call
# `nobody` stands for every other account of the machine.
TRIABLE = re.compile(r"kp-[a-z]{2,16}|postfix|dovecot|dovenull|nobody")
# The kernel takes every capability away with root (capabilities(7)); no_new_privs keeps it from getting one back.
AS = ("/usr/bin/setpriv", "--no-new-privs", "--init-groups")


class Look:
    """What root looks at for one instance. What may be asked, and the way outside, root itself wrote to run/hands before."""

    def __init__(self, root: Path) -> None:
        """Look at the instance in `root`."""
        self.root = root
        self.known = root / "run" / "hands" / "known.json"
        self.verbs: Mapping[str, Callable[..., object]] = {
            "ask": self.ask,
            "try-as": self.try_as,
            "outside-socket": self.outside_socket,
        }
        self._guard = Lock()
        self._asking: dict[str, Lock] = {}
        self._said: dict[str, tuple[float, dict[str, object]]] = {}

    def call(self, verb: str, **words: object) -> object:
        """Do one verb of the allow-list: plain data, or a socket. Raises `Refused` for a verb or word outside it."""
        if verb not in self.verbs:
            raise Refused("hands-verb", f"{verb!r} is not on the allow-list.")
        return self.verbs[verb](**words)

    def remember(self, *, programs: Mapping[str, Sequence[str]], outside: Mapping[str, Any]) -> None:
        """Root's own word, no verb: the programs that `ask` runs, and the namespace and hosts that `outside-socket` knows."""
        words = {matched(NAME, name, "program"): [*argv] for name, argv in programs.items()}
        write_atomic(self.known, json.dumps({"programs": words, "outside": outside}), mode=0o600)

    def _known(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.known.read_text(encoding="utf-8"))
        return found

    def ask(self, name: str) -> dict[str, object]:
        """Run the program that root remembered under this name: {"code", "out", "err"}.

        Those who ask while it runs share one more run, begun after they asked: nobody is told what was true before.
        """
        argv = self._known()["programs"].get(matched(NAME, name, "program"))
        if not argv:
            raise Refused("hands-ask", f"{name} is no program that may be asked.")
        asked = monotonic()
        with self._guard:
            turn = self._asking.setdefault(name, Lock())
        with turn:
            begun, said = self._said.get(name, (0.0, {}))
            if begun < asked:
                begun = monotonic()
                done = run(argv, check=False, timeout=ASK_SECONDS)
                said = {"code": done.code, "out": done.out[:ANSWER_BYTES], "err": done.err[-ERROR_BYTES:]}
                self._said[name] = (begun, said)
        return said

    def try_as(self, account: str, act: str, paths: list[str]) -> dict[str, str]:
        """What happens when `account` reads, writes (opens, no more), lists or connects: path → `done`, or errno's name.

        Paths are relative to the instance; a link is followed with the account's own rights.
        """
        matched(TRIABLE, account, "account")
        if act not in attempt.ACTS or len(paths) > TRIED:
            raise Refused("hands-act", f"{account} cannot be made to {act} {len(paths)} paths.")
        outside = [path for path in paths if path.startswith("/") or ".." in path.split("/") or "\0" in path]
        if outside:
            raise Refused("hands-path", f"{outside[0]!r} is not inside the instance.")
        wanted = json.dumps([str(self.root / path) for path in paths])
        argv = [*become(account), "/usr/bin/python3", "-I", "-S", attempt.__file__, act]
        said = run(argv, stdin=wanted, timeout=TRY_SECONDS).out
        return dict(zip(paths, map(str, json.loads(said)), strict=True))

    def outside_socket(self, host: object, *, v6: object = False) -> socket.socket:
        """A TCP socket of host number `host` of the outside world, connected to nothing: the caller does that, not root."""
        known = self._known()["outside"]
        if not known or type(host) is not int or type(v6) is not bool or not 0 <= host < len(known["hosts"]):
            raise Refused("hands-outside", "There is no such host of an outside world here.")
        return netns.bound(known["namespace"], known["hosts"][host][int(v6)])


def become(account: str) -> list[str]:
    """The argv prefix that runs a program as `account` with its own groups and no power. Raises `Refused` for none, or root."""
    try:
        entry = pwd.getpwnam(account)
    except KeyError as missing:
        raise Refused("hands-account", f"There is no account {account}.") from missing
    if entry.pw_uid == 0 or entry.pw_gid == 0:
        raise Refused("hands-account", f"{account} is root under another name.")
    return [*AS, f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--"]
