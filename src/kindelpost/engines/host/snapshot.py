"""The copy of our own code that an instance runs: what runs does not change under it, and service accounts can read it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import kindelpost
from kindelpost.lib.files import make_dir, replace_link

__all__ = ["snapshot"]

KEPT = 2


def snapshot(code: Path) -> str:
    """Make `code` a link to a copy of the running package, unless it is one already; returns the copy's digest.

    The copies lie in `<code>.versions/<digest>/kindelpost`, owned by root; the link is swapped by rename.
    """
    source = Path(kindelpost.__file__).parent
    files = sorted(
        path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts and "tests" not in path.parts
    )
    summed = hashlib.sha256()
    for path in files:
        summed.update(f"{path.relative_to(source)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    digest = summed.hexdigest()[:16]
    versions = make_dir(code.with_name(f"{code.name}.versions"))
    if not (versions / digest).is_dir():
        draft = versions / f".{digest}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        for path in files:
            target = draft / "kindelpost" / path.relative_to(source)
            make_dir(target.parent)
            shutil.copyfile(path, target)
            target.chmod(0o644)
        for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
            folder.chmod(0o755)  # whatever umask the operator has
        draft.rename(versions / digest)
    if not code.is_symlink() or code.readlink().name != digest:
        replace_link(code, f"{versions.name}/{digest}")
    for old in sorted(versions.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        if old.name != digest:
            shutil.rmtree(old)
    return digest
