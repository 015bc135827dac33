"""Does nginx answer over TLS, and with what we gave it."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import TYPE_CHECKING

from kindelpost.engines.base import Probe

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["fetch", "probe"]

PATH = "/.well-known/security.txt"


def fetch(facts: Facts, host: str, path: str) -> http.client.HTTPResponse:
    """GET `path` of `host` from the first address; the certificate must be the one in tls/front, whoever signed it."""
    context = ssl.create_default_context(cafile=str(facts.layout.tls("front") / "fullchain.pem"))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # the leaf itself is the anchor
    context.check_hostname = False  # asked by address
    plain = socket.create_connection((facts.addresses[0], facts.port("portal")), timeout=4)
    connection = http.client.HTTPSConnection(host)
    connection.sock = context.wrap_socket(plain, server_hostname=host)
    connection.request("GET", path, headers={"Connection": "close"})
    return connection.getresponse()


def probe(facts: Facts) -> Probe:
    """security.txt must come back as it lies on the disk."""
    where = f"https://{facts.addresses[0]}:{facts.port('portal')}{PATH}"
    try:
        reply = fetch(facts, facts.service.hostname, PATH)
        same = reply.read() == (facts.layout.data("nginx") / "security.txt").read_bytes()
    except (OSError, http.client.HTTPException) as fault:
        return Probe(ok=False, said=f"nginx does not answer at {where}: {fault}")
    return Probe(ok=same and reply.status == http.HTTPStatus.OK, said=f"nginx answers {reply.status} at {where}.")
