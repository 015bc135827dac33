"""The MTA-STS resolver's configuration. Pure."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from kindelpost.engines.base import Directory, File, Process, Sandbox
from kindelpost.engines.unbound.address import resolver_binds

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["directories", "postfix_lookup", "processes", "render"]

ACCOUNT = "kp-sts"
TLSRPT = (3, 10)  # the first Postfix that takes policy attributes for TLS-RPT (RFC 8460) from a policy table


def socket(facts: Facts) -> Path:
    """Where it listens."""
    return facts.layout.run("sts") / "sts.sock"


def postfix_lookup(facts: Facts) -> str:
    """Postfix's table for smtp_tls_policy_maps."""
    return f"socketmap:unix:{socket(facts)}:postfix"


def render(facts: Facts) -> dict[str, File]:
    """sts.yml, written as JSON, of which YAML is a superset. In an evaluation a policy's new id is seen after a second."""
    settings = {
        "path": str(socket(facts)),
        "mode": 0o660,
        "cache": {"type": "sqlite", "options": {"filename": str(facts.layout.data("sts") / "cache.db"), "threads": 1}},
        "cache_grace": 1 if facts.service.dns.outside else 60,
        "proactive_policy_fetching": {"enabled": not facts.service.dns.outside},
        "default_zone": {"strict_testing": False, "timeout": 4, "tlsrpt": facts.version("postfix") >= TLSRPT},
    }
    return {"sts.yml": File(json.dumps(settings, indent=2) + "\n")}


def directories(facts: Facts) -> tuple[Directory, ...]:
    """The cache, and the socket's folder, whose setgid bit gives the socket to Postfix's group."""
    return (
        Directory(facts.layout.data("sts"), ACCOUNT, ACCOUNT),
        Directory(facts.layout.run("sts"), ACCOUNT, "postfix", 0o2750),
    )


def processes(facts: Facts) -> tuple[Process, ...]:
    """The daemon of our own environment. An evaluation's policies are under the evaluation's certificate authority."""
    argv = (sys.executable, "-m", "kindelpost.engines.sts.daemon", "-c", str(facts.layout.etc("sts") / "sts.yml"))
    env = {"PYTHONPATH": str(facts.layout.code)}
    if facts.service.evaluation:
        env["SSL_CERT_FILE"] = str(facts.layout.tls("ca") / "ca.pem")
    return (
        Process(
            "sts",
            argv,
            account=ACCOUNT,
            env=env,
            after=("unbound",),
            ours=True,
            binds=resolver_binds(facts),
            sandbox=Sandbox(writes=(facts.layout.data("sts"), facts.layout.run("sts"))),
        ),
    )
