"""The network namespace of the outside world: making it, entering it, removing it."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindelpost.engines.facts import Outside
from kindelpost.hands.netns import NETNS, connect, inside
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.run import Finished, run

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HOSTS", "NETNS", "Host", "connect", "enter", "find", "host", "inside", "make", "name_of", "remove"]

HOSTS = 13  # a /28 holds 14 hosts; the first is the service
LOCK = Path("/run")  # a folder can be locked too, and so no file stays behind
INNER = "world"


@dataclass(frozen=True)
class Host:
    """One of the outside world's hosts: its addresses, from which a client may connect."""

    v4: str
    v6: str


def name_of(root: Path) -> str:
    """The namespace's name, one an instance folder: `kp-` and eight hexadecimal digits. The veth's outer end has it too."""
    return f"kp-{sha256(str(root.resolve()).encode()).hexdigest()[:8]}"


def slot(name: str, number: int) -> Outside:
    """The addresses of slot `number` (0 to 15): 203.0.113.(16n)/28 and 2001:db8:(n+1)::/64 (RFC 5737, RFC 3849)."""
    v4 = IPv4Address("203.0.113.0") + 16 * number
    v6 = IPv6Address("2001:db8::") + ((number + 1) << 80)
    return Outside(name, str(v4 + 1), str(v6 + 1), str(v4 + 2), str(v6 + 2))


def host(outside: Outside, number: int) -> Host:
    """The addresses of host `number` (0 to HOSTS - 1); host 0 is the name server and the mail sink."""
    if not 0 <= number < HOSTS:
        raise IndexError(number)
    return Host(str(IPv4Address(outside.world_v4) + number), str(IPv6Address(outside.world_v6) + number))


def find(root: Path) -> Outside | None:
    """The namespace of the instance at `root` as it stands, or None: its addresses are read off the veth."""
    name = name_of(root)
    if not (NETNS / name).exists():
        return None
    own = [address for address in host_addresses(name) if address.startswith("203.0.113.")]
    return slot(name, int(IPv4Address(own[0])) % 256 // 16) if own else None


def make(root: Path) -> Outside:
    """Make the namespace of the instance at `root`, in the last free slot; a whole one that is there is left as it is.

    Raises EngineFault `outside-forbidden` (the machine grants no namespaces) or `outside-full` (16 instances).
    """
    with locked():
        if present := find(root):
            return present
        remove(root)  # half of one
        taken = {int(IPv4Address(a)) % 256 // 16 for a in host_addresses() if a.startswith("203.0.113.")}
        free = next((number for number in reversed(range(16)) if number not in taken), None)
        if free is None:
            raise EngineFault("outside-full", "All 16 slots of the outside world are in use.", "Stop another instance.")
        outside = slot(name_of(root), free)
        try:
            build(outside)
        except EngineFault as fault:
            remove(root)
            raise EngineFault(
                "outside-forbidden",
                f"The network namespace {outside.namespace} could not be made: {fault.message}",
                "An evaluation needs a machine (or a container) whose root may make network namespaces.",
            ) from fault
        return outside


def build(outside: Outside) -> None:
    """The veth pair, its addresses, and in the namespace ports from 0 on for everybody: nothing inside runs as root."""
    name = outside.namespace
    run(["ip", "netns", "add", name])
    run(["ip", "link", "add", name, "type", "veth", "peer", "name", INNER, "netns", name])
    ip(
        f"address add {outside.service_v4}/{outside.prefix_v4} dev {name}\n"
        f"address add {outside.service_v6}/{outside.prefix_v6} dev {name} nodad\n"
        f"link set {name} up"
    )
    inner = [f"link set {device} up" for device in ("lo", INNER)]
    for number in range(HOSTS):
        there = host(outside, number)
        inner += [f"address add {there.v4}/{outside.prefix_v4} dev {INNER}"]
        inner += [f"address add {there.v6}/{outside.prefix_v6} dev {INNER} nodad"]
    ip("\n".join(inner), namespace=name)
    run(["ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv4.ip_unprivileged_port_start=0"])


def remove(root: Path) -> None:
    """Remove the namespace and the veth of the instance at `root`; what is not there is no error."""
    name = name_of(root)
    run(["ip", "link", "delete", name], check=False)
    run(["ip", "netns", "delete", name], check=False)


def ip(batch: str, namespace: str = "") -> Finished:
    """Commands of ip-batch, one a line, in one call."""
    where = ["-netns", namespace] if namespace else []
    return run(["ip", *where, "-batch", "-"], stdin=f"{batch}\n")


def host_addresses(device: str = "") -> list[str]:
    """The host's own addresses, of one device or of all."""
    shown = run(["ip", "-json", "address", "show", *(["dev", device] if device else [])], check=False).out
    links: list[dict[str, Any]] = json.loads(shown or "[]")
    return [str(info["local"]) for link in links for info in link.get("addr_info", ())]


@contextmanager
def locked() -> Iterator[None]:
    """Two instances that start at once must not choose the same slot."""
    handle = os.open(LOCK, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def enter(namespace: str, account: str) -> tuple[str, ...]:
    """The argv prefix that runs a program in the namespace as `account`, with no group but its own."""
    drop = ("setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups", "--inh-caps=-all", "--no-new-privs", "--")
    return ("ip", "netns", "exec", namespace, *drop)
