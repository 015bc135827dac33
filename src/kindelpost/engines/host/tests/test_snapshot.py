"""The copy of the code is readable by service accounts, whoever makes it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kindelpost.engines.host.snapshot import snapshot

if TYPE_CHECKING:
    from pathlib import Path


def test_a_strict_umask_closes_no_folder_of_the_copy(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        digest = snapshot(tmp_path / "code")
    finally:
        os.umask(before)
    copy = tmp_path / "code.versions" / digest
    folders = [path for path in copy.rglob("*") if path.is_dir()]
    assert (copy / "kindelpost" / "web" / "static") in folders  # it holds folders alone
    assert {path.stat().st_mode & 0o777 for path in (copy, *folders)} == {0o755}
    assert {path.stat().st_mode & 0o777 for path in copy.rglob("*.py")} == {0o644}
