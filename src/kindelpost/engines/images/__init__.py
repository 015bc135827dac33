"""Our own small scanner: reads the QR codes of a message's images, so that the filter can judge where they lead (P3.4, T28).

As ClamAV it stands beside Rspamd, bounded in bytes, pixels, time and memory; it has no network. Each image is read by a process
of its own. When it does not answer, the filter defers the message. Never: text recognition, a verdict of its own.
"""

from __future__ import annotations

from kindelpost.engines.base import Engine
from kindelpost.engines.images.probe import probe
from kindelpost.engines.images.render import directories, processes, render, socket
from kindelpost.engines.images.validate import validate, version

__all__ = ["ENGINE", "socket"]

ENGINE = Engine(
    name="images",
    account="kp-images",
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=processes,
    directories=directories,
)
