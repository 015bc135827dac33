"""Does Postfix answer, with the name that we rendered?"""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

from kindelpost.engines.base import Probe

if TYPE_CHECKING:
    from kindelpost.engines.facts import Facts

__all__ = ["probe"]


def probe(facts: Facts) -> Probe:
    """Greet the mail exchanger on its first address and leave (5 s)."""
    door = (facts.addresses[0], facts.port("mx"))
    try:
        with smtplib.SMTP(*door, timeout=5, local_hostname=facts.service.hostname) as client:
            code, words = client.ehlo()
    except (OSError, smtplib.SMTPException) as error:
        return Probe(ok=False, said=f"The mail exchanger at {door[0]}:{door[1]} does not answer: {error}")
    name = words.decode(errors="replace").split(maxsplit=1)[0]
    if code != 250 or name != facts.service.hostname:  # noqa: PLR2004 -- RFC 5321 §4.2: 250 is success
        return Probe(ok=False, said=f"The mail exchanger calls itself {name}, not {facts.service.hostname}.")
    return Probe(ok=True, said=f"Answers as {name}.")
