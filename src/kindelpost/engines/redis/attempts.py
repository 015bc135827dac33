"""Statements that no user of the state server may make, made under the account that may speak to it (M3.4). Standard library only.

attempts.py  <{"socket", "user", "password"} as JSON   >{statement: reply} as JSON

Each only reads, or writes a key that nobody reads: were it allowed, nothing would be lost.
"""

from __future__ import annotations

import json
import socket
import sys

__all__ = ["FORBIDDEN", "tried"]

FORBIDDEN = (
    ("CONFIG", "GET", "maxmemory"),
    ("ACL", "LIST"),
    ("KEYS", "*"),
    ("CLIENT", "LIST"),
    ("MODULE", "LIST"),
    ("SAVE",),
)


def encoded(*words: str) -> bytes:
    """A command of RESP2."""
    parts = b"".join(b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)
    return b"*%d\r\n" % len(words) + parts


def tried(path: str, user: str, password: str) -> dict[str, str]:
    """Each statement and the first line of its reply; `(no sign-in) …` are those of a stranger on the same socket."""
    said = {}
    for signed in (True, False):
        for words in FORBIDDEN if signed else (("PING",), ("KEYS", "*")):
            with socket.socket(socket.AF_UNIX) as door:
                door.settimeout(5)
                door.connect(path)
                with door.makefile("rb") as stream:
                    if signed:
                        door.sendall(encoded("AUTH", user, password))
                        if not stream.readline().startswith(b"+OK"):
                            raise ConnectionRefusedError("the sign-in was refused")
                    door.sendall(encoded(*words))
                    said[("" if signed else "(no sign-in) ") + " ".join(words)] = stream.readline().decode(errors="replace").strip()
    return said


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump(tried(asked["socket"], asked["user"], asked["password"]), sys.stdout)
