"""What one account can reach, tried by itself. Standard library only, run by path under that account.

attempt.py read|write|list|connect  <paths as a JSON list   >results as a JSON list: "done", or errno's name
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys

__all__ = ["ACTS", "attempt"]

ACTS = ("read", "write", "list", "connect")
# Neither waits for the other end of a FIFO nor makes a terminal its own.
QUIET = os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def attempt(act: str, path: str) -> str:
    """Open, list or connect, and leave at once; nothing is changed, nothing waits."""
    try:
        _act(act, path)
    except OSError as refused:
        return errno.errorcode.get(refused.errno or 0, "EUNKNOWN")
    except ValueError:  # no path can be that
        return "EINVAL"
    return "done"


def _act(act: str, path: str) -> None:
    if act == "connect":
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(2)
            channel.connect(path)
    elif act == "list":
        os.listdir(path)  # noqa: PTH208 -- standard library only, the errno is the point
    elif act == "write" and os.path.isdir(path):  # noqa: PTH112 -- as above
        if not os.access(
            path, os.W_OK | os.X_OK, effective_ids=True
        ):  # the kernel's word: to make a file would change something
            raise PermissionError(errno.EACCES, "no file can be made there")
    else:
        os.close(os.open(path, (os.O_RDONLY if act == "read" else os.O_WRONLY) | QUIET))


if __name__ == "__main__":
    json.dump([attempt(sys.argv[1], path) for path in json.load(sys.stdin)], sys.stdout)
