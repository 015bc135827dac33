"""nginx: HTTPS for the portal, the MTA-STS policies of client domains, security.txt.

Serves M4 (TLS of the portal), P5.6 (MTA-STS policy over HTTPS) and M1.5 (security.txt, RFC 9116).
Policies are files of the publisher, a domain each.
Never: plain HTTP, TLS below 1.2, an answer but 404 to what it was not told to serve.
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
