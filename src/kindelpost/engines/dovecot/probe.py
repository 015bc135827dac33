"""Does Dovecot answer IMAP over TLS?"""

from __future__ import annotations

import imaplib
import ssl
from typing import TYPE_CHECKING

from kindelpost.engines.base import Probe

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["probe"]


def probe(facts: Facts) -> Probe:
    """Open IMAPS on the first address, verify the certificate where it is our own CA's, and leave (5 s)."""
    door = (facts.addresses[0], facts.port("imaps"))
    context = ssl.create_default_context()
    if facts.service.evaluation:
        context.load_verify_locations(facts.layout.tls("ca") / "ca.pem")
    context.check_hostname = False  # we ask by address; the name is checked where clients look it up (P5.5)
    try:
        with imaplib.IMAP4_SSL(*door, ssl_context=context, timeout=5) as client:
            return Probe(ok="IMAP4REV1" in client.capabilities, said=f"Answers over {client.socket().version()}.")  # type: ignore[attr-defined]  # an SSL socket
    except (OSError, imaplib.IMAP4.error) as error:
        return Probe(ok=False, said=f"IMAPS at {door[0]}:{door[1]} does not answer: {error}")
