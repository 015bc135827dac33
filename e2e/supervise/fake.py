"""A small forking server, shaped as Postfix and Dovecot are: a master that binds, children that accept and outlive its death.

    fake.py CONFIGURATION     a JSON file: {"port": 44001, "word": "hello", "sick": ""}

SIGHUP makes it read the file again. `sick` may be `silent` (accepts, never answers) or `dies` (ends when it reads this).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any


def child(listener: socket.socket, read: dict[str, Any]) -> None:
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    while True:
        channel, _ = listener.accept()
        with channel:
            if read["sick"] != "silent":
                channel.sendall(f"{read['word']} {os.getuid()}".encode())
            else:
                time.sleep(5)


def main(path: Path) -> None:
    listener: socket.socket | None = None
    children: list[int] = []
    again = [True]
    signal.signal(signal.SIGHUP, lambda *_: again.append(True))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while True:
            if again:
                again.clear()
                read = json.loads(path.read_text(encoding="utf-8"))
                if read["sick"] == "dies":
                    sys.exit(3)
                if listener is None:
                    listener = socket.create_server(("127.0.0.1", read["port"]))
                for pid in children:
                    os.kill(pid, signal.SIGTERM)
                    os.waitpid(pid, 0)
                children = []
                for _ in range(2):
                    if not (pid := os.fork()):
                        child(listener, read)
                    children.append(pid)
            time.sleep(0.05)
    finally:
        for pid in children:
            os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
