"""`status` tells the truth: engines, accounts, sockets; and nothing that reads from the network is root (design, refusal 3)."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.engines.members import members

if TYPE_CHECKING:
    from e2e.service import Service

# Masters bind and fork and read nothing; Dovecot's `log` and `config` speak to its own processes alone; the rest is ours.
ROOT_MAY_BE = {"master", "dovecot", "log", "config", "nginx", "python", "python3", "supervisord", "doveconf"}


def test_every_engine_is_ready_and_says_who_it_is(service: Service) -> None:
    found = service.json("status")
    assert found["state"] == "ready"
    names = {row["name"] for row in found["engines"]}
    assert {"postfix", "dovecot", "rspamd", "clamav", "redis", "unbound", "nginx"} <= names
    for row in found["engines"]:
        assert row["state"] == "ready", row
        assert row["version"][0].isdigit(), row
        assert row["account"] not in {"", "root"}, row
        assert row["since"], row
    accounts = [row["account"] for row in found["engines"]]
    assert len(set(accounts)) == len(accounts), "two engines share an account (M3.1)"


def test_every_listening_socket_is_accounted_for(service: Service) -> None:
    found = service.json("status")
    assert found["sockets"] == {"undeclared": [], "missing": []}
    listening = [each for row in found["engines"] for each in row["listens"]]
    for door, where in found["endpoints"].items():
        if door != "portal":
            assert f"tcp://{where['host']}:{where['port']}" in listening


def test_a_socket_that_nobody_declared_is_found(service: Service) -> None:
    """The twin: a foreign program under a service's account, started from the service's folder, is named."""
    port = service.port_base + 7
    code = f"import socket,time; s=socket.create_server(('127.0.0.1',{port})); time.sleep(60)"
    argv = ["setpriv", "--reuid=kp-control", "--regid=kp-control", "--clear-groups", "/usr/bin/python3", "-c", code]
    stray = os.posix_spawn("/usr/bin/setpriv", [*argv, str(service.folder / "stray")], dict(os.environ))
    try:
        time.sleep(1)
        assert f"tcp://127.0.0.1:{port}" in service.json("status", check=False)["sockets"]["undeclared"]
    finally:
        os.kill(stray, signal.SIGKILL)
        os.waitpid(stray, 0)
    assert service.json("status")["sockets"]["undeclared"] == []


def test_nothing_that_reads_from_the_network_is_root(service: Service) -> None:
    """Every process that runs as root is a master, a keeper or the supervisor, and none has a connection open."""
    clients = [service.socket(door) for door in ("mx", "submissions", "imaps", "managesieve")]
    try:
        time.sleep(0.5)
        connected = established()
        for pid, name in members(service.facts.layout).items():
            status = Path(f"/proc/{pid}/status")
            if not status.exists() or "Uid:\t0\t" not in status.read_text(encoding="utf-8"):
                continue
            command = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
            assert command in ROOT_MAY_BE, f"{name}: {command} runs as root"
            assert not (inodes(pid) & connected), f"{name}: {command} is root and holds a connection"
        readers = [pid for pid in members(service.facts.layout) if inodes(pid) & connected]
        assert len(readers) >= len(clients), "the twin: somebody does hold these connections"
    finally:
        for client in clients:
            client.close()


def established() -> set[int]:
    """The inodes of connected TCP sockets (proc(5): state 01)."""
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text(encoding="utf-8").splitlines()[1:]
    ]
    return {int(row[9]) for row in rows if row[3] == "01"}


def inodes(pid: int) -> set[int]:
    """The sockets that a process holds."""
    found = set()
    for handle in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            target = handle.readlink().name
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(int(target[8:-1]))
    return found
