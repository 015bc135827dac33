"""Postfix's files from the facts; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.base import Directory, File, Listener, Process, Sandbox
from kindelpost.engines.srs.render import postfix_lookup
from kindelpost.engines.templates import render_template
from kindelpost.engines.unbound.address import RESOLV_CONF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kindelpost.engines.facts import Facts

__all__ = ["directories", "listeners", "processes", "render"]

# RFC 2142 and what Postfix itself writes to.
ROLES = ("postmaster", "abuse", "security", "root", "mailer-daemon")
SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt"


def render(facts: Facts) -> Mapping[str, File]:
    """main.cf, master.cf, the two tables about SRS, and the login of the forwarding door."""
    layout = facts.layout
    forward, reverse = postfix_lookup(facts)
    context = {
        "service": facts.service,
        "version": facts.version("postfix")[:2],
        "port": facts.port,
        "addresses": [f"[{one}]" if ":" in one else one for one in facts.addresses],
        "roles": ROLES,
        "etc": layout.etc("postfix"),
        "maps": layout.maps("postfix"),
        "queue": layout.data("postfix") / "queue",
        "data": layout.data("postfix") / "state",
        "log": layout.log / "mail.log",
        "tls": layout.tls("front"),
        "ca_file": layout.tls("ca") / "ca.pem" if facts.service.evaluation else SYSTEM_CA,
        "lmtp": layout.run("dovecot") / "lmtp-postfix",
        "auth": layout.run("dovecot") / "auth-postfix",
        "quota_status": layout.run("dovecot") / "quota-postfix",
        "milter": layout.run("rspamd") / "milter.sock",
        "sts": layout.run("sts") / "sts.sock",
        "srs_forward": forward,
        "srs_reverse": reverse,
    }
    door = f"[127.0.0.1]:{facts.port('forward-out')}"
    return {
        "main.cf": File(render_template("postfix", "common/main.cf.j2", **context), mode=0o644),
        "master.cf": File(render_template("postfix", "common/master.cf.j2", **context), mode=0o644),
        "srs-return": File("/^(SRS[01][-+=].*)$/ ${1}\n"),  # what may be one of ours, as it is
        "srs-bounce": File(f"/^SRS[01][-+=]/ postmaster@{facts.service.hostname}\n"),
        "forward-out.login": File(f"{door} forward-out:{facts.secrets['forward-out']}\n"),
    }


def directories(facts: Facts) -> tuple[Directory, ...]:
    """Queue and state; Postfix makes the queue's own folders itself."""
    data = facts.layout.data("postfix")
    return (
        Directory(data, "root", "postfix", 0o750),
        Directory(data / "queue", "root", "root", 0o755),
        Directory(data / "state", "postfix", "postfix", 0o700),
        Directory(facts.layout.maps("postfix"), "kp-control", "postfix", 0o2750),
    )


def listeners(facts: Facts) -> tuple[Listener, ...]:
    """The front doors and the two internal ones."""
    doors = tuple(Listener(facts.port(name), name) for name in ("mx", "submissions", "submission"))
    return (*doors, *(Listener(facts.port(name), name, internal=True) for name in ("sieve-out", "forward-out")))


def processes(facts: Facts) -> tuple[Process, ...]:
    """The master binds and forks as root by Postfix's design and reads nothing from the network; its children are `postfix`."""
    etc = str(facts.layout.etc("postfix"))
    data = facts.layout.data("postfix")
    return (
        Process(
            name="postfix",
            # not `postfix start-fg`: unless it is process 1 it keeps a shell between, which dies alone
            argv=("/usr/lib/postfix/sbin/master", "-c", etc, "-s"),
            account="root",
            after=("dovecot", "rspamd", "unbound"),
            reload=("/usr/sbin/postfix", "-c", etc, "reload"),
            stop_seconds=15,
            binds={str(facts.layout.etc("unbound") / RESOLV_CONF): "/etc/resolv.conf"},
            sandbox=Sandbox(
                writes=(data, facts.layout.log),
                capabilities=(
                    "CAP_NET_BIND_SERVICE",
                    "CAP_SETUID",
                    "CAP_SETGID",
                    "CAP_CHOWN",
                    "CAP_FOWNER",
                    "CAP_DAC_OVERRIDE",
                    "CAP_KILL",
                ),
                relax={
                    "NoNewPrivileges": ("no", "postdrop and postqueue are setgid by design"),
                    "RestrictSUIDSGID": ("no", "the queue's public folder carries setgid"),
                },
            ),
        ),
    )
