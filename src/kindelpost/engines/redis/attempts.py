"""Statements that no user of the state server may make, made under the account that may speak to it (M3.4).

Standard library only, run by path.

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
STRANGE = (("PING",), ("KEYS", "*"))


def encoded(*words: str) -> bytes:
    """A command of RESP2."""
    parts = b"".join(b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)
    return b"*%d\r\n" % len(words) + parts


def tried(path: str, user: str, password: str) -> dict[str, str]:
    """Each statement and the first line of its reply; `(no sign-in) …` are those of a stranger on the same socket."""
    said = {" ".join(words): asked(path, words, ("AUTH", user, password)) for words in FORBIDDEN}
    return said | {f"(no sign-in) {' '.join(words)}": asked(path, words) for words in STRANGE}


def asked(path: str, words: tuple[str, ...], sign_in: tuple[str, ...] = ()) -> str:
    """The reply to one statement on a connection of its own."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(5)
        door.connect(path)
        with door.makefile("rb") as stream:
            if sign_in:
                door.sendall(encoded(*sign_in))
                if not stream.readline().startswith(b"+OK"):
                    raise ConnectionRefusedError("the sign-in was refused")
            door.sendall(encoded(*words))
            return stream.readline().decode(errors="replace").strip()


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump(tried(given["socket"], given["user"], given["password"]), sys.stdout)
