"""The verbs that only look: what a check needs root for, and nothing that changes anything (M3, drift, tries from outside)."""

from __future__ import annotations

import grp
import hashlib
import hmac
import json
import pwd
from typing import TYPE_CHECKING, Any

from kindelpost.hands import attempt, netns
from kindelpost.hands.verbs import NAME, OWNERS, Hands, matched
from kindelpost.lib.errors import Refused
from kindelpost.lib.files import write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Look"]

ANSWER_BYTES = 2_000_000
ACTS = ("read", "write", "connect", "list")


class Look:
    """What root looks at for one instance. What may be asked and where may be connected, root itself wrote to run/hands before."""

    def __init__(self, root: Path) -> None:
        """Look at the instance in `root`."""
        self.root = root
        self.known = root / "run" / "hands" / "known.json"
        self.verbs: Mapping[str, Callable[..., object]] = {
            "ask": self.ask,
            "facts-of": self.facts_of,
            "digests": self.digests,
            "try-as": self.try_as,
            "fingerprints": self.fingerprints,
            "outside-connect": self.outside_connect,
        }

    def call(self, verb: str, **words: object) -> object:
        """Do one verb of the allow-list: plain data, or a connected socket. Raises `Refused` for anything outside it."""
        if verb not in self.verbs:
            raise Refused("hands-verb", f"{verb!r} is not on the allow-list.")
        return self.verbs[verb](**words)

    def remember(self, *, programs: Mapping[str, tuple[str, ...]], outside: Mapping[str, Any]) -> None:
        """Root's own word, no verb: which programs `ask` runs, and from which namespace to which doors `outside-connect` goes."""
        for name in programs:
            matched(NAME, name, "program")
        write_atomic(self.known, json.dumps({"programs": programs, "outside": outside}), mode=0o600)

    def _known(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.known.read_text(encoding="utf-8"))
        return found

    def ask(self, name: str) -> dict[str, object]:
        """Run the program that root remembered under this name: {"code", "out", "err"}, each output cut at 2 MB."""
        argv = self._known()["programs"].get(matched(NAME, name, "program"))
        if not argv:
            raise Refused("hands-ask", f"{name} is no program that may be asked.")
        done = run(argv, check=False, timeout=30)
        return {"code": done.code, "out": done.out[:ANSWER_BYTES], "err": done.err[:ANSWER_BYTES]}

    def facts_of(self, path: str) -> dict[str, object]:
        """Owner, group, mode (octal) and kind of a path in the instance, the link itself where it is one."""
        held = Hands(self.root).inside(path, last_may_be_link=True).lstat()
        kinds = {0o040000: "folder", 0o100000: "file", 0o120000: "link", 0o140000: "socket"}
        return {
            "owner": pwd.getpwuid(held.st_uid).pw_name,
            "group": grp.getgrgid(held.st_gid).gr_name,
            "mode": f"{held.st_mode & 0o7777:04o}",
            "kind": kinds.get(held.st_mode & 0o170000, "other"),
        }

    def digests(self, engine: str) -> dict[str, str]:
        """File → SHA-256 of what lies in the live configuration folder of an engine."""
        folder = self.root / "etc" / matched(NAME, engine, "engine")
        files = sorted(path for path in folder.resolve().rglob("*") if path.is_file())
        return {str(path.relative_to(folder.resolve())): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def fingerprints(self, key: str) -> dict[str, str]:
        """Secret → its HMAC-SHA256 under the caller's key: equal ones show, none is told (M3.2)."""
        held = sorted(path for path in (self.root / "secrets").iterdir() if path.is_file())
        return {path.name: hmac.new(key.encode(), path.read_bytes().strip(), hashlib.sha256).hexdigest() for path in held}

    def try_as(self, account: str, act: str, paths: list[str]) -> dict[str, str]:
        """What happens when `account` reads, writes (opens, changing nothing), lists or connects to each path: `done`, or errno's name."""
        matched(OWNERS, account, "account")
        if act not in ACTS:
            raise Refused("hands-act", f"{act!r} is none of {', '.join(ACTS)}.")
        wanted = [str(Hands(self.root).inside(path, last_may_be_link=True)) for path in paths]
        become = [
            "setpriv",
            f"--reuid={account}",
            f"--regid={account}",
            "--init-groups",
            "--inh-caps=-all",
            "--no-new-privs",
            "--",
        ]
        said = run([*become, "/usr/bin/python3", "-I", "-S", attempt.__file__, act], stdin=json.dumps(wanted)).out
        return dict(zip(paths, json.loads(said), strict=True))

    def outside_connect(self, door: str, *, host: int = 2, v6: bool = False) -> socket.socket:
        """A connection to one of the service's own doors from host number `host` of the outside world."""
        known = self._known()["outside"]
        if not known or door not in known["doors"] or not 0 <= host < len(known["hosts"]):
            raise Refused("hands-outside", f"There is no way from outside to {door}.")
        source, target = known["hosts"][host][int(v6)], known["service"][int(v6)]
        return netns.connect(known["namespace"], target, known["doors"][door], source=source)
