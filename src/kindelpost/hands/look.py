"""The verbs that only look: what a check needs root for, and nothing that changes anything (M3, drift, tries from outside).

One program that `ask` runs acts: `names` brings client domains' certificates up to date, by no word of its caller's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kindelpost.hands import attempt, netns
from kindelpost.hands.verbs import NAME, OWNERS, matched
from kindelpost.lib.errors import Refused
from kindelpost.lib.files import write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Look"]

ANSWER_BYTES = 2_000_000
ASK_SECONDS = 60
TRIED = 20_000  # paths a call
AS = ("setpriv", "--init-groups", "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--no-new-privs")


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
        """Run the program that root remembered under this name: {"code", "out", "err"}, each output cut at 2 MB."""
        argv = self._known()["programs"].get(matched(NAME, name, "program"))
        if not argv:
            raise Refused("hands-ask", f"{name} is no program that may be asked.")
        done = run(argv, check=False, timeout=ASK_SECONDS)
        return {"code": done.code, "out": done.out[:ANSWER_BYTES], "err": done.err[:ANSWER_BYTES]}

    def try_as(self, account: str, act: str, paths: list[str]) -> dict[str, str]:
        """What happens when `account` reads, writes (opens alone), lists or connects: path → `done`, or errno's name.

        Paths are relative to the instance; a link is followed with the account's own rights.
        """
        matched(OWNERS, account, "account")
        if act not in attempt.DEEDS or account == "root" or len(paths) > TRIED:
            raise Refused("hands-act", f"{account} cannot be made to {act} {len(paths)} paths.")
        outside = [path for path in paths if path.startswith("/") or ".." in path.split("/")]
        if outside:
            raise Refused("hands-path", f"{outside[0]} is not inside the instance.")
        become = [*AS, f"--reuid={account}", f"--regid={account}", "--"]
        wanted = json.dumps([str(self.root / path) for path in paths])
        said = run([*become, "/usr/bin/python3", "-I", "-S", attempt.__file__, act], stdin=wanted).out
        return dict(zip(paths, json.loads(said), strict=True))

    def outside_socket(self, host: int, *, v6: bool = False) -> socket.socket:
        """A TCP socket of host number `host` of the outside world, connected to nothing: the caller does that, not root."""
        known = self._known()["outside"]
        if not known or type(host) is not int or not 0 <= host < len(known["hosts"]):
            raise Refused("hands-outside", "There is no such host of an outside world here.")
        return netns.bound(known["namespace"], known["hosts"][host][int(v6)])
