"""nginx: HTTPS for the portal, and for each client domain its MTA-STS policy and what its mail programs ask.

Serves M4 (TLS of the portal), P5.6 (MTA-STS policy over HTTPS), M1.5 (security.txt, RFC 9116), E1 (settings of mail programs).
What it says of a domain are files of the publisher; the domain's certificate and its signed profile are root's
(`engines.host.names`).
Never: plain HTTP, TLS below 1.2, an answer but 404 to what it was not told to serve, a handshake for a name that is nobody's.
"""

from __future__ import annotations

from kindelpost.engines.base import Engine
from kindelpost.engines.nginx.probe import probe
from kindelpost.engines.nginx.render import directories, listeners, processes, render
from kindelpost.engines.nginx.validate import prepare, validate, version

__all__ = ["ENGINE"]

ENGINE = Engine(
    name="nginx",
    account="kp-nginx",
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=processes,
    directories=directories,
    listeners=listeners,
    prepare=prepare,
)
