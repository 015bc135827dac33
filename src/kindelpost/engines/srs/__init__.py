"""PostSRSd 1.10 (both releases): rewrites the envelope sender of a forward, so that the next hop's SPF check passes, and back.

Serves P5.10. Postfix asks it over two loopback ports (`postfix_lookup`); which mail is rewritten is Postfix's decision. Never:
a rewritten sender under a client's domain; a return address that it did not sign itself.
"""

from __future__ import annotations

from kindelpost.engines.base import Engine
from kindelpost.engines.srs.probe import probe
from kindelpost.engines.srs.render import listeners, postfix_lookup, processes, render
from kindelpost.engines.srs.validate import validate, version

__all__ = ["ENGINE", "postfix_lookup"]

ENGINE = Engine(
    name="srs",
    account="kp-srs",
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=processes,
    listeners=listeners,
    secrets=("srs",),
)
