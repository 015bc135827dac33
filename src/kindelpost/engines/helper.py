"""Asking the root helper: what checks may look at, try as another account, and from where they reach the service."""

from __future__ import annotations

import json
import socket
import sys
from typing import TYPE_CHECKING, Any

from kindelpost.engines.outside.namespace import HOSTS, host
from kindelpost.hands.look import Look
from kindelpost.lib.errors import EngineFault, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kindelpost.engines.facts import Facts, Layout

__all__ = ["ask", "outside_socket", "remember_looks", "try_as"]

LOOKS = (  # what `python -m kindelpost.engines.looks` can say
    "accounts",
    "drift",
    "engines",
    "fingerprints",
    "names",
    "reach",
    "postdrop",
    "scanner",
    "signatures",
    "sockets",
    "statements",
    "trust",
)
SECONDS = 70.0
CHUNK = 65536


def remember_looks(facts: Facts) -> None:
    """Root's word to the helper, before it starts: the programs that it may run, and the hosts of the outside world."""
    layout, outside = facts.layout, facts.outside
    programs = {name: (sys.executable, "-m", "kindelpost.engines.looks", name, str(layout.root)) for name in LOOKS}
    world: dict[str, Any] = {}
    if outside:
        hosts = [host(outside, number) for number in range(HOSTS)]
        world = {"namespace": outside.namespace, "hosts": [(each.v4, each.v6) for each in hosts]}
    Look(layout.root).remember(programs=programs, outside=world)


def ask(layout: Layout, name: str) -> Any:  # noqa: ANN401 -- JSON
    """What the look called `name` says. Raises `EngineFault` (`helper-silent`, `look-failed`) or `Refused`."""
    said, _none = _call(layout, "ask", name=name)
    if said["code"]:
        raise EngineFault("look-failed", f"The look at {name} failed: {said['err'].strip()[-600:]}")
    return json.loads(said["out"])


def try_as(layout: Layout, account: str, act: str, paths: Sequence[str]) -> dict[str, str]:
    """`done` or errno's name for each path (relative to the instance) where `account` tries to read, write, list or connect."""
    found, _none = _call(layout, "try-as", account=account, act=act, paths=list(paths))
    return dict(found)


def outside_socket(layout: Layout, number: int, *, v6: bool) -> socket.socket:
    """A socket of host `number` of the outside world, to be connected. Raises `Refused` (`hands-outside`)."""
    _none, made = _call(layout, "outside-socket", host=number, v6=v6)
    if made is None:
        raise EngineFault("helper-silent", "The helper sent no socket.")
    return made


def _call(layout: Layout, verb: str, **words: object) -> tuple[Any, socket.socket | None]:
    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(SECONDS)
        try:
            channel.connect(str(layout.run("hands") / "hands.sock"))
            channel.sendall(json.dumps({"verb": verb, "words": words}).encode() + b"\n")
            said, passed = _read(channel)
        except OSError as silent:
            hint = "See `kindelpost status` and log/hands.log."
            raise EngineFault("helper-silent", f"The helper does not answer: {silent}.", hint) from silent
    if "error" in said:
        error = said["error"]
        raise Refused(error["code"], error["message"], error["hint"])
    return said["result"], passed


def _read(channel: socket.socket) -> tuple[dict[str, Any], socket.socket | None]:
    held, handles, _flags, _address = socket.recv_fds(channel, CHUNK, 1)
    passed = socket.socket(fileno=handles[0]) if handles else None
    if passed:
        passed.set_inheritable(False)  # recv_fds knows no MSG_CMSG_CLOEXEC
    while not held.endswith(b"\n") and (more := channel.recv(CHUNK)):
        held += more
    if not held.endswith(b"\n"):
        raise ConnectionResetError("it closed without an answer")
    said: dict[str, Any] = json.loads(held)
    return said, passed
