"""Does Dovecot answer IMAP over TLS, with the certificate that lies in tls/front?"""

from __future__ import annotations

import imaplib
import ssl
from typing import TYPE_CHECKING

from kindelpost.engines.base import Probe

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["probe"]


def probe(facts: Facts) -> Probe:
    """Open IMAPS on the first address, compare the certificate shown, and leave (5 s). Who signed it is P5.6's question."""
    door = (facts.addresses[0], facts.port("imaps"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    chain = (facts.layout.tls("front") / "fullchain.pem").read_text(encoding="ascii")
    wanted = ssl.PEM_cert_to_DER_cert(chain[: chain.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)])
    try:
        with imaplib.IMAP4_SSL(*door, ssl_context=context, timeout=5) as client:
            channel = client.socket()
            assert isinstance(channel, ssl.SSLSocket)  # noqa: S101 -- what IMAP4_SSL opens
            shown, spoken, ready = channel.getpeercert(binary_form=True), channel.version(), "IMAP4REV1" in client.capabilities
    except (OSError, imaplib.IMAP4.error) as error:
        return Probe(ok=False, said=f"IMAPS at {door[0]}:{door[1]} does not answer: {error}")
    if shown != wanted:
        return Probe(ok=False, said="Dovecot shows another certificate than tls/front/fullchain.pem.")
    return Probe(ok=ready, said=f"Answers over {spoken}.")
