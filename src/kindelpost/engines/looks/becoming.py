"""A look that needs less than root gives root up first."""

from __future__ import annotations

import os
import pwd

__all__ = ["become"]


def become(account: str) -> None:
    """This process goes on as `account` for good: its groups, no capability."""
    entry = pwd.getpwnam(account)
    os.initgroups(account, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
