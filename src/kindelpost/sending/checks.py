"""P6.3: what a mailbox sends is signed for its own domain, with both keys, and for no other."""

from __future__ import annotations

import re

import dkim

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.checks.samples import letter, subject
from kindelpost.engines.checks.tried import arrived
from kindelpost.journal.actor import SYSTEM
from kindelpost.mail.dkim import ALGORITHMS
from kindelpost.practice.registry import Result, Target, check, failed, passed, unknown
from kindelpost.sending.queries import dns_records
from kindelpost.tenants.queries import domain_for

__all__ = ["judge", "signatures"]

DAY = 86400
SIGNER = re.compile(rb"\bd=\s*([^;\s]+)")
ALGORITHM = re.compile(rb"\ba=\s*(rsa|ed25519)-sha256\b")
EXPECTED = "Sent mail is signed with RSA and Ed25519 for its sender's domain alone, and both signatures verify."


@check("P6.3", version=1, kind="does", ttl_s=DAY, expected=EXPECTED, timeout_s=60)
def signatures(_target: Target) -> Result:
    """Mail is signed for its own domain alone."""
    own, to, title = canary("a"), canary("b"), subject()
    with tries.smtp("submissions", login=own.login, host=11) as client:
        reply = tries.transact(client, own.address, to.address, letter(own.address, to.address, title=title).as_bytes())
    if not reply.accepted:  # put off while the keys are being read, say: nothing was signed for anybody
        return unknown(f"The letter was not taken: {reply}", weaker=tries.weaker())
    held = arrived(to, title, 20)
    if held is None:
        return failed("The letter was accepted and did not arrive.", weaker=tries.weaker())
    published = {record.name: record.value for record in dns_records(domain_for(SYSTEM, own.domain)) if record.type == "TXT"}
    return judge(held.raw, own.domain, published)


def judge(raw: bytes, domain: str, published: dict[str, str]) -> Result:
    """The letter as it arrived, judged by the keys that its domain publishes: DNS name → TXT value."""
    head = raw.partition(b"\r\n\r\n")[0]
    signed = [value for value in re.split(rb"\r\n(?![ \t])", head) if value.lower().startswith(b"dkim-signature:")]
    signers = sorted({found[1].decode() for value in signed if (found := SIGNER.search(value))})
    algorithms = sorted({found[1].decode() for value in signed if (found := ALGORITHM.search(value))})

    def answer(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 -- dkimpy's own keyword
        value = published.get(name.decode().rstrip("."))
        return value.replace('" "', "").strip('"').encode() if value else None

    def holds(number: int) -> bool:
        try:
            return bool(dkim.DKIM(raw).verify(idx=number, dnsfunc=answer))
        except dkim.DKIMException:  # the body was changed, a key does not parse
            return False

    valid = [holds(number) for number in range(len(signed))]
    said = f"{sum(valid)} of {len(valid)} signatures valid, by {', '.join(signers) or 'nobody'} with {', '.join(algorithms)}"
    right = signers == [domain] and algorithms == sorted(ALGORITHMS) and all(valid)
    return (passed if right else failed)(said, weaker=tries.weaker())
