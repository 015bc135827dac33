"""Dovecot's files from the facts; pure. The two releases speak two languages: a template folder each (design, §2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kindelpost.engines.base import Directory, File, Listener, Process, Sandbox
from kindelpost.engines.templates import render_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kindelpost.engines.facts import Facts

__all__ = ["directories", "listeners", "processes", "render"]

# The two doors inside the machine through which Postfix takes mail from Sieve and from its own forwards.
DOORS = ("sieve-out", "forward-out")


def render(facts: Facts) -> Mapping[str, File]:
    """dovecot.conf in the installed release's language, the doors' logins, the global Sieve script, msmtp's settings."""
    layout = facts.layout
    context = {
        "service": facts.service,
        "version": facts.version("dovecot"),
        "port": facts.port,
        "addresses": facts.addresses,
        "secrets": facts.secrets,
        "etc": layout.etc("dovecot"),
        "maps": layout.maps("dovecot"),
        "run": layout.run("dovecot"),
        "data": layout.data("dovecot"),
        "mail": layout.mail,
        "tls": layout.tls("front"),
    }
    files = {
        "dovecot.conf": File(_template(facts, "dovecot.conf.j2", context)),
        "doors.passwd": File(
            "".join(f"{door}:{{PLAIN}}{facts.secrets[door]}::::::allow_nets=127.0.0.1/32\n" for door in DOORS)
        ),
        "before.sieve": File(render_template("dovecot", "common/before.sieve.j2"), mode=0o644),
        "sieve-out.secret": File(facts.secrets["sieve-out"] + "\n", group="kp-mail"),
        "sieve-out.msmtprc": File(render_template("dovecot", "common/sieve-out.msmtprc.j2", **context), group="kp-mail"),
    }
    if _folder(facts) == "2.3":
        files["dovecot-sql.conf"] = File(_template(facts, "dovecot-sql.conf.j2", context))
    return files


def _folder(facts: Facts) -> str:
    return "2.4" if facts.version("dovecot") >= (2, 4) else "2.3"


def _template(facts: Facts, name: str, context: Mapping[str, object]) -> str:
    return render_template("dovecot", f"{_folder(facts)}/{name}", **context)


def directories(facts: Facts) -> tuple[Directory, ...]:
    """Sockets, state, the published map, and the mailboxes, which only kp-mail may enter."""
    layout = facts.layout
    return (
        Directory(layout.run("dovecot"), "root", "root", 0o755),
        Directory(layout.data("dovecot"), "root", "root", 0o755),
        Directory(layout.data("dovecot") / "state", "root", "root", 0o755),
        Directory(layout.maps("dovecot"), "kp-control", "dovecot", 0o2750),
        Directory(layout.mail, "kp-mail", "kp-mail", 0o700),
    )


def listeners(facts: Facts) -> tuple[Listener, ...]:
    """IMAP over TLS and ManageSieve; 143, 110 and 995 do not exist."""
    return tuple(Listener(facts.port(name), name) for name in ("imaps", "managesieve"))


def processes(facts: Facts) -> tuple[Process, ...]:
    """The master binds and forks as root by Dovecot's design; what reads the network runs as dovenull, mailboxes as kp-mail."""
    layout = facts.layout
    conf = str(layout.etc("dovecot") / "dovecot.conf")
    return (
        Process(
            name="dovecot",
            argv=("/usr/sbin/dovecot", "-F", "-c", conf),
            account="root",
            reload=("/usr/bin/doveadm", "-c", conf, "reload"),
            stop_seconds=15,
            sandbox=Sandbox(
                writes=(layout.run("dovecot"), layout.data("dovecot"), layout.mail, layout.log),
                capabilities=(
                    "CAP_NET_BIND_SERVICE",
                    "CAP_SETUID",
                    "CAP_SETGID",
                    "CAP_SYS_CHROOT",
                    "CAP_CHOWN",
                    "CAP_DAC_OVERRIDE",
                    "CAP_KILL",
                    "CAP_FOWNER",
                ),
            ),
        ),
    )
