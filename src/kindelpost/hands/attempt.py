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


def attempt(act: str, path: str) -> str:
    """Open, list or connect, and leave at once; nothing is changed, nothing waits."""
    try:
        if act == "connect":
            with socket.socket(socket.AF_UNIX) as channel:
                channel.settimeout(2)
                channel.connect(path)
        elif act == "list":
            os.listdir(path)  # noqa: PTH208 -- standard library only, the errno is the point
        else:
            os.close(os.open(path, (os.O_RDONLY if act == "read" else os.O_WRONLY) | os.O_NONBLOCK))
    except OSError as refused:
        return errno.errorcode.get(refused.errno or 0, "EUNKNOWN")
    return "done"


if __name__ == "__main__":
    json.dump([attempt(sys.argv[1], path) for path in json.load(sys.stdin)], sys.stdout)
