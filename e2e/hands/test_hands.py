"""The root helper of the running service: who is heard, what is done, what the control account cannot gain (refusal 3)."""

from __future__ import annotations

import json
import os
import pwd
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.helper import LOOKS, ask, outside_socket, try_as
from kindelpost.engines.outside.namespace import host
from kindelpost.lib.errors import Refused
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from e2e.service import Service
    from kindelpost.engines.facts import Layout


KNOCK = """
import socket
with socket.socket(socket.AF_UNIX) as channel:
    channel.settimeout(10)
    channel.connect({door!r})
    try:
        channel.sendall(b'{{"verb": "ask", "words": {{"name": "sockets"}}}}\\n')
        print("heard:", channel.recv(100))
    except ConnectionError:
        print("heard:", b"")
"""


@pytest.fixture
def layout(service: Service) -> Layout:
    return service.facts.layout


def door(layout: Layout) -> str:
    return str(layout.run("hands") / "hands.sock")


def spoken(layout: Layout, raw: bytes, *, patience: float = 20) -> Any:  # noqa: ANN401 -- JSON, or None for silence
    """What the helper answers to these bytes."""
    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(patience)
        channel.connect(door(layout))
        channel.sendall(raw)
        heard = b"".join(iter(lambda: channel.recv(65_536), b""))
    return json.loads(heard) if heard else None


def helper(service: Service) -> int:
    return int((service.folder / "run" / "supervisor" / "hands.pid").read_text().split()[0])


def descriptors(service: Service) -> int:
    return len(os.listdir(f"/proc/{helper(service)}/fd"))  # noqa: PTH208 -- a count of the kernel's


@pytest.mark.parametrize("account", [*sorted(set(ACCOUNTS.values()) - {"kp-control"}), "nobody"])
def test_no_other_account_comes_to_the_door(layout: Layout, account: str) -> None:
    assert try_as(layout, account, "connect", ["run/hands/hands.sock"]) == {"run/hands/hands.sock": "EACCES"}


def test_the_control_account_does(layout: Layout) -> None:
    assert try_as(layout, "kp-control", "connect", ["run/hands/hands.sock"]) == {"run/hands/hands.sock": "done"}


def test_a_stranger_who_came_through_the_door_is_not_heard(layout: Layout) -> None:
    """The twin of the folder's mode: its group alone is lent, SO_PEERCRED still says who asks."""
    code = KNOCK.format(door=door(layout))
    group = pwd.getpwnam("kp-control").pw_gid
    argv = ["setpriv", "--reuid=nobody", f"--regid={group}", "--clear-groups", "/usr/bin/python3", "-I", "-c", code]
    said = run(argv, check=False)
    assert said.out.strip() == "heard: b''", said.said
    assert "knocked and was not heard" in (layout.log / "hands.log").read_text()


@pytest.mark.parametrize("verb", ["reload", "ensure-account", "ensure-directory", "install-tree", "remember", "call", "run"])
def test_a_verb_that_does_something_is_refused(layout: Layout, verb: str) -> None:
    assert spoken(layout, json.dumps({"verb": verb}).encode() + b"\n")["error"]["code"] == "hands-verb"


@pytest.mark.parametrize("name", ["sh", "/bin/sh", "../../bin/sh", "accounts\n", "", "sockets --help"])
def test_a_program_that_root_did_not_name_is_refused(layout: Layout, name: str) -> None:
    with pytest.raises(Refused):
        ask(layout, name)


@pytest.mark.parametrize("name", LOOKS)
def test_every_look_answers_and_says_no_secret(layout: Layout, name: str) -> None:
    said = json.dumps(ask(layout, name))
    held = [path.read_text() for path in layout.secrets.iterdir()]
    held += [password for _address, password in json.loads((layout.data("control") / "canary.json").read_text()).values()]
    assert len(held) > 6
    assert not [one for one in held if one in said]


def test_nobody_is_tried_as_root(layout: Layout) -> None:
    for account in ("root", "0", "kp-none", "kp-control; id"):
        with pytest.raises(Refused):
            try_as(layout, account, "read", ["kindelpost.toml"])


@pytest.mark.parametrize("path", ["/etc/shadow", "../../etc/shadow", "run/../../../etc/shadow"])
def test_nothing_outside_the_instance_is_tried(layout: Layout, path: str) -> None:
    with pytest.raises(Refused, match="not inside"):
        try_as(layout, "nobody", "read", [path])


def test_a_link_is_followed_with_the_accounts_own_rights(layout: Layout) -> None:
    """The control account may lay a link in its folder: it learns of /etc/shadow what kp-nginx may, which is nothing."""
    link = layout.data("control") / "way-out"
    link.symlink_to("/etc/shadow")
    try:
        for account in ("kp-nginx", "kp-control"):
            assert try_as(layout, account, "read", ["data/control/way-out"]) == {"data/control/way-out": "EACCES"}
    finally:
        link.unlink()


def test_a_link_in_place_of_a_file_is_not_read_as_root(layout: Layout) -> None:
    held = layout.data("control") / "canary.json"
    aside = held.with_name("canary.aside")
    held.rename(aside)
    held.symlink_to(layout.root / "example-logins.json")
    try:
        said = spoken(layout, b'{"verb": "ask", "words": {"name": "fingerprints"}}\n')["result"]
        assert said["code"] != 0
        assert "Too many levels of symbolic links" in said["err"]
    finally:
        aside.replace(held)


def test_a_socket_of_the_outside_world_is_there_bound_and_connected_to_nothing(service: Service, layout: Layout) -> None:
    for v6 in (False, True):
        there = host(service.outside, 4)
        with outside_socket(layout, 4, v6=v6) as made:
            assert made.getsockname()[0] == (there.v6 if v6 else there.v4)
            with pytest.raises(OSError, match="not connected"):
                made.getpeername()
            assert not made.get_inheritable()
            made.settimeout(10)
            made.connect((service.outside.service_v6 if v6 else service.outside.service_v4, service.port("mx")))
            assert made.recv(100).startswith(b"220 ")


def test_from_there_loopback_is_the_outside_worlds_own(service: Service, layout: Layout) -> None:
    with outside_socket(layout, 4, v6=False) as made:
        made.settimeout(3)
        with pytest.raises(OSError, match=r"refused|unreachable|Invalid|timed out"):
            made.connect(("127.0.0.1", service.port("resolver")))


@pytest.mark.parametrize("number", [-1, 13, 999])
def test_there_is_no_other_host(layout: Layout, number: int) -> None:
    with pytest.raises(Refused, match="no such host"):
        outside_socket(layout, number, v6=False)


def test_callers_who_hang_or_break_off_cost_nobody_anything(service: Service, layout: Layout) -> None:
    """Twenty who say nothing hold it for ten seconds at most, and it keeps none of their descriptors."""
    before, begun = descriptors(service), time.monotonic()
    silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
    for each in silent:
        each.connect(door(layout))
    for _ in range(30):
        with socket.socket(socket.AF_UNIX) as rude:
            rude.connect(door(layout))
            rude.sendall(b'{"verb": "outside-socket", "words": {"host": 4}}\n')
    assert spoken(layout, b'{"verb": "no"}\n', patience=60)["error"]["code"] == "hands-verb"
    assert time.monotonic() - begun < 30
    for each in silent:
        each.close()
    time.sleep(1)
    assert descriptors(service) <= before + 1


def test_rubbish_and_floods_are_survived(service: Service, layout: Layout) -> None:
    pid = helper(service)
    for raw in (b"\n", b"[]\n", b"\xff\n", b"[" * 100_000 + b"\n", b'{"verb": "ask", "words": {"name": {}}}\n'):
        assert "error" in spoken(layout, raw)
    threads = [threading.Thread(target=spoken, args=(layout, b'{"verb": "no"}\n')) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert helper(service) == pid


def test_it_is_root_without_the_powers_that_change_things(service: Service) -> None:
    status = Path(f"/proc/{helper(service)}/status").read_text(encoding="utf-8")
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("CapBnd"))
    held = set(run(["capsh", f"--decode={mask}"]).out.strip().partition("=")[2].split(","))
    assert held == {"cap_setuid", "cap_setgid", "cap_kill", "cap_dac_read_search", "cap_sys_ptrace", "cap_sys_admin"}
    assert "NoNewPrivs:\t1" in status


def test_who_is_tried_has_no_power_at_all(layout: Layout) -> None:
    """Looked at while it waits: fifteen thousand paths are tried by a process without any capability."""
    seen: list[str] = []

    def watch() -> None:
        end = time.monotonic() + 10
        while time.monotonic() < end and not seen:
            for entry in Path("/proc").glob("[0-9]*"):
                try:
                    if (
                        b"attempt.py" in (entry / "cmdline").read_bytes()
                        and entry.stat().st_uid == pwd.getpwnam("kp-sts").pw_uid
                    ):
                        seen.append((entry / "status").read_text())
                except OSError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    while watcher.is_alive():
        try_as(layout, "kp-sts", "read", [f"none-{number}" for number in range(15_000)])
    lines = dict(line.split(":\t", 1) for line in seen[0].splitlines() if ":\t" in line)
    assert (lines["CapPrm"], lines["CapEff"], lines["CapAmb"]) == ("0" * 16,) * 3
    assert lines["NoNewPrivs"] == "1"
    assert lines["Groups"].split() == [str(pwd.getpwnam("kp-sts").pw_gid)]
