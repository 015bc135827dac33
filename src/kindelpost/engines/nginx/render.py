"""nginx's configuration, one template for 1.22 and 1.26, and the text of security.txt. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.base import Directory, File, Listener, Process, Sandbox
from kindelpost.engines.templates import render_template

if TYPE_CHECKING:
    from datetime import datetime

    from kindelpost.engines.facts import Facts

__all__ = ["directories", "listeners", "processes", "render", "security_txt"]

ACCOUNT = "kp-nginx"
TEMPORARY = ("body", "proxy", "fastcgi", "uwsgi", "scgi")


def render(facts: Facts) -> dict[str, File]:
    """nginx.conf."""
    port = facts.port("portal")
    text = render_template(
        "nginx",
        "nginx.conf.j2",
        names=[facts.service.hostname, *(["localhost"] if facts.service.evaluation else [])],
        listen=[f"[{one}]:{port}" if ":" in one else f"{one}:{port}" for one in facts.addresses],
        data=facts.layout.data("nginx"),
        run=facts.layout.run("nginx"),
        maps=facts.layout.maps("nginx"),
        tls=facts.layout.tls("front"),
        log=facts.layout.log,
        portal=facts.layout.run("portal") / "portal.sock",
    )
    return {"nginx.conf": File(text)}


def security_txt(facts: Facts, expires: datetime) -> str:
    """Whom to tell of a vulnerability (RFC 9116): `expires` is at most a year away (§2.5.5)."""
    service = facts.service
    return (
        f"Contact: mailto:{service.provider.security_contact}\n"
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}\n"
        "Preferred-Languages: en, et\n"
        f"Canonical: https://{service.hostname}/.well-known/security.txt\n"
    )


def directories(facts: Facts) -> tuple[Directory, ...]:
    """What the workers spool, and the publisher's policies."""
    layout = facts.layout
    return (
        Directory(layout.run("nginx"), "root", ACCOUNT, 0o750),
        Directory(layout.data("nginx"), "root", ACCOUNT, 0o750),
        *(Directory(layout.data("nginx") / name, ACCOUNT, ACCOUNT, 0o700) for name in TEMPORARY),
        Directory(layout.maps("nginx"), "kp-control", ACCOUNT, 0o2750),
        Directory(layout.maps("nginx") / "mta-sts", "kp-control", ACCOUNT, 0o2750),
    )


def listeners(facts: Facts) -> tuple[Listener, ...]:
    """The portal's door."""
    return (Listener(facts.port("portal"), "portal"),)


def processes(facts: Facts) -> tuple[Process, ...]:
    """The master binds, opens keys and logs, and forks as root; the workers read from the network as kp-nginx."""
    layout = facts.layout
    argv = ("/usr/sbin/nginx", "-e", "stderr", "-c", str(layout.etc("nginx") / "nginx.conf"))
    return (
        Process(
            "nginx",
            argv,
            account="root",
            reload=(*argv, "-s", "reload"),
            stop_signal="QUIT",
            sandbox=Sandbox(
                writes=(layout.data("nginx"), layout.run("nginx"), layout.log),
                capabilities=("CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID"),
            ),
        ),
    )
