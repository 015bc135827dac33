"""Files that are either the old or the new one, never half of one."""

from __future__ import annotations

import grp
import os
import pwd
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["chown", "make_dir", "replace_link", "write_atomic"]


def chown(path: Path, owner: str | None, group: str | None) -> None:
    """Give `path` to `owner` and `group` (names); an ordinary user keeps what is theirs, as in a unit test."""
    if os.geteuid() == 0 and (owner or group):
        uid = pwd.getpwnam(owner).pw_uid if owner else -1
        gid = grp.getgrnam(group).gr_gid if group else -1
        os.chown(path, uid, gid)


def write_atomic(
    path: Path, content: str | bytes, *, mode: int = 0o640, owner: str | None = None, group: str | None = None
) -> None:
    """Write beside `path`, fsync, rename over it. Readers see the whole old or the whole new content."""
    data = content.encode() if isinstance(content, str) else content
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    with suppress(FileNotFoundError):
        draft.unlink()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        _fill(handle, data)
        draft.chmod(mode)
        chown(draft, owner, group)
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _fill(handle: int, data: bytes) -> None:
    with os.fdopen(handle, "wb") as sink:
        sink.write(data)
        sink.flush()
        os.fsync(handle)


def make_dir(path: Path, *, mode: int = 0o755, owner: str | None = None, group: str | None = None) -> Path:
    """Make `path` (and its parents) with exactly this mode and owner; an existing folder is put right."""
    path.mkdir(parents=True, exist_ok=True)
    chown(path, owner, group)
    path.chmod(mode)  # after chown, which clears setgid
    return path


def replace_link(link: Path, target: str) -> None:
    """Point the symbolic link at `target` in one rename."""
    draft = link.with_name(f".{link.name}.{os.getpid()}.link")
    with suppress(FileNotFoundError):
        draft.unlink()
    draft.symlink_to(target)
    draft.rename(link)
