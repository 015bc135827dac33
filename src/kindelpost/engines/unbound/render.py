"""Unbound's configuration, one template for 1.17 and 1.26. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.apparmor import UNCONFINED
from kindelpost.engines.base import Directory, File, Listener, Process, Sandbox
from kindelpost.engines.outside.signing import anchor
from kindelpost.engines.templates import render_template
from kindelpost.engines.unbound.address import RESOLV_CONF, resolv_conf, resolver_address

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["directories", "listeners", "processes", "render"]

ACCOUNT = "kp-unbound"


def render(facts: Facts) -> dict[str, File]:
    """unbound.conf, and the resolv.conf that other engines see."""
    outside = facts.outside if facts.service.dns.outside else None
    text = render_template(
        "unbound",
        "unbound.conf.j2",
        port=facts.port("resolver"),
        listeners=[("127.0.0.1", facts.port("resolver")), (resolver_address(facts), 53)],
        data=facts.layout.data("unbound"),
        run=facts.layout.run("unbound"),
        outside=outside,
        anchor=anchor(facts.secrets["outside-zone"]) if outside else "",
    )
    return {"unbound.conf": File(text), RESOLV_CONF: File(resolv_conf(facts), mode=0o644)}


def directories(facts: Facts) -> tuple[Directory, ...]:
    """The trust anchor's folder, which Unbound writes (RFC 5011), and that of its control socket."""
    return tuple(Directory(place("unbound"), ACCOUNT, ACCOUNT) for place in (facts.layout.data, facts.layout.run))


def listeners(facts: Facts) -> tuple[Listener, ...]:
    """Both addresses, over TCP and UDP."""
    places = ((facts.port("resolver"), "127.0.0.1"), (53, resolver_address(facts)))
    return tuple(
        Listener(port, "resolver", protocol, internal=True, address=address)
        for port, address in places
        for protocol in ("tcp", "udp")
    )


def processes(facts: Facts) -> tuple[Process, ...]:
    """One process, never root: all it keeps is the right to bind port 53."""
    conf = str(facts.layout.etc("unbound") / "unbound.conf")
    writes = (facts.layout.data("unbound"), facts.layout.run("unbound"))
    return (
        Process(
            "unbound",
            ("/usr/sbin/unbound", "-d", "-c", conf),
            account=ACCOUNT,
            reload=("/usr/sbin/unbound-control", "-c", conf, "reload"),
            sandbox=Sandbox(writes=writes, capabilities=("CAP_NET_BIND_SERVICE",), relax=UNCONFINED),
        ),
    )
