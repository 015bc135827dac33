"""postfix-mta-sts-resolver: tells Postfix which domains ask for verified TLS by MTA-STS (RFC 8461).

Serves P5.6 and T03. Postfix asks it over a Unix socket (`postfix_lookup`); it asks our Unbound, seen by a bound resolv.conf.
Its cache outlives a restart: a policy once seen cannot be made unseen by whoever blocks its host (RFC 8461 §10.2). Never: mail
itself; a policy that overrides DANE (`daemon`, RFC 8461 §2).
"""

from __future__ import annotations

from kindelpost.engines.base import Engine
from kindelpost.engines.sts.probe import probe
from kindelpost.engines.sts.render import directories, postfix_lookup, processes, render
from kindelpost.engines.sts.validate import validate, version

__all__ = ["ENGINE", "postfix_lookup"]

ENGINE = Engine(
    name="sts",
    account="kp-sts",
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=processes,
    directories=directories,
)
