"""The verbs. Each checks its words as if a stranger had sent them."""

from __future__ import annotations

import json
import os
import pwd
import re
from typing import TYPE_CHECKING

from kindelpost.lib.errors import EngineFault, Refused
from kindelpost.lib.files import make_dir, replace_link, write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Hands"]

NOLOGIN = "/usr/sbin/nologin"
OURS = re.compile(r"kp-[a-z]{2,16}")
OWNERS = re.compile(r"kp-[a-z]{2,16}|postfix|postdrop|dovecot|dovenull|root")
NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
VERSION = re.compile(r"[a-z][a-z0-9-]{0,31}-[0-9a-f]{16}")


def matched(pattern: re.Pattern[str], word: str, what: str) -> str:
    """`word` when the whole of it fits the pattern; otherwise `Refused` with code `hands-word`."""
    if not pattern.fullmatch(word):
        raise Refused("hands-word", f"{word!r} is no {what} that may be used here.")
    return word


class Hands:
    """What root does for one instance, whose folder is fixed when it starts and never a caller's word."""

    def __init__(self, root: Path) -> None:
        """Serve the instance in `root`."""
        self.root = root
        self.verbs: Mapping[str, Callable[..., object]] = {
            "ensure-account": self.ensure_account,
            "ensure-directory": self.ensure_directory,
            "install-tree": self.install_tree,
            "reload": self.reload,
        }

    def call(self, verb: str, **words: object) -> object:
        """Do one verb of the allow-list; the result is plain data. Raises `Refused` for a verb or word outside it."""
        if verb not in self.verbs:
            raise Refused("hands-verb", f"{verb!r} is not on the allow-list.")
        return self.verbs[verb](**words)

    def ensure_account(self, name: str) -> bool:
        """A system account with no shell, no home and a group of its own name (M3.1); True when it was made now."""
        matched(OURS, name, "account name")
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            run([
                "useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                NOLOGIN,
                name,
            ])
            return True
        if known.pw_uid == 0 or known.pw_shell not in {NOLOGIN, "/bin/false", "/usr/bin/false"}:
            hint = f"Remove that account or give it the shell {NOLOGIN}."
            raise EngineFault("account-unfit", f"The account {name} exists and can log in, or is root.", hint)
        return False

    def ensure_directory(self, path: str, owner: str, group: str, mode: int) -> None:
        """A folder inside the instance with exactly this owner, group and mode (setgid allowed, setuid and o+w not)."""
        matched(OWNERS, owner, "owner"), matched(OWNERS, group, "group")
        if mode & ~0o3775:
            raise Refused("hands-mode", f"Mode {mode:o} gives more than a folder here may give.")
        make_dir(self.inside(path), mode=mode, owner=owner, group=group)

    def install_tree(self, engine: str, version: str) -> str:
        """Point etc/<engine> at a staged version that root wrote; returns the version that was live ("" for none)."""
        matched(NAME, engine, "engine"), matched(VERSION, version, "version")
        staged = self.root / "etc" / ".versions" / version
        held = staged.lstat()
        if held.st_uid != os.geteuid() or held.st_mode & 0o022 or staged.is_symlink() or not version.startswith(f"{engine}-"):
            raise Refused("hands-tree", f"{version} was not staged by root for {engine}.")
        link = self.root / "etc" / engine
        before = os.path.basename(os.readlink(link)) if link.is_symlink() else ""  # noqa: PTH115, PTH119 -- a word, not a path
        replace_link(link, f".versions/{version}")
        return before

    def remember_reloads(self, table: Mapping[str, list[str]]) -> None:
        """The programs that `reload` may run, a process each. No verb: only root's own process says it."""
        path = self.root / "run" / "supervisor" / "reloads.json"
        words = {matched(NAME, name, "process"): argv for name, argv in table.items()}
        write_atomic(path, json.dumps(words), mode=0o600)

    def reload(self, name: str) -> str:
        """Make a process read its configuration again, by the program that root remembered for it; returns what that said."""
        table = json.loads((self.root / "run" / "supervisor" / "reloads.json").read_text(encoding="utf-8"))
        argv = table.get(matched(NAME, name, "process"))
        if not argv:
            raise Refused("hands-reload", f"{name} has no reload; it must be restarted.")
        return run(argv, timeout=30).said

    def inside(self, path: str) -> Path:
        """`path` (absolute, or relative to the instance) when it is inside the instance and passes through no symbolic link."""
        wanted = self.root / path
        if ".." in wanted.parts or not wanted.is_relative_to(self.root) or wanted == self.root:
            raise Refused("hands-path", f"{path} is not inside the instance.")
        for part in (wanted, *wanted.parents):
            if part == self.root:
                break
            if part.is_symlink():
                raise Refused("hands-path", f"{part} is a symbolic link.")
        return wanted
