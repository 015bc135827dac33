"""Unbound: the validating resolver on loopback, for Postfix (DANE), Rspamd and the MTA-STS resolver.

Serves P5.6 (DANE needs validated answers, RFC 7672 §2.1.1) and P3 (SPF, DKIM, DMARC lookups). A resolv.conf cannot name a port,
so it listens on port 53 of an address of the instance's own as well (`address.resolver_address`); `address.resolver_binds` is
how a process sees it. Never: an answer to anything but loopback, a forwarder that is believed without validation.
"""

from __future__ import annotations

from kindelpost.engines.base import Engine
from kindelpost.engines.unbound.probe import probe
from kindelpost.engines.unbound.render import directories, listeners, processes, render
from kindelpost.engines.unbound.validate import prepare, validate, version

__all__ = ["ENGINE"]

ENGINE = Engine(
    name="unbound",
    account="kp-unbound",
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=processes,
    directories=directories,
    listeners=listeners,
    prepare=prepare,
)
