"""P6.9: no stranger's mail goes through us to a third party, however the address is written, over both families."""

from __future__ import annotations

from django.conf import settings

from kindelpost.engines import tries
from kindelpost.engines.canary import canary
from kindelpost.engines.outside.hosts import STRANGER
from kindelpost.practice.registry import Result, Target, check, failed, not_applicable, passed

__all__ = ["relay_v4", "relay_v6"]

DAY, AT_ONCE = 86400, 4  # of one session: after five refusals Postfix slows the client down (smtpd_soft_error_limit)
# {v}: the victim's domain, which is not ours; {d}: a domain of ours; {h}: our host name; {ip}: our address
FORMS = (
    "<victim@{v}>", "<victim%{v}@{d}>", "<victim%{v}@{h}>", "<victim%{v}>", "<victim%{v}@[{ip}]>", "<victim@{v}@{d}>",
    '<"victim@{v}">', '<"victim@{v}"@{d}>', '<"victim%{v}"@{h}>', "<@{d}:victim@{v}>", "<@{h},@{d}:victim@{v}>",
    "<@[{ip}]:victim@{v}>", "<{v}!victim>", "<{v}!victim@{d}>", "<{d}!{v}!victim>", "<victim@[{ip}]>", "<victim@localhost>",
    "<victim>", "<SRS0=abcd=ab={v}=victim@{h}>", "<SRS1=abcd={d}==abcd=ab={v}=victim@{h}>", "<victim+{v}@{d}>",
)  # fmt: skip
SENDERS = ("<spammer@none.example>", "<>", "<postmaster@{h}>", "<{c}>")
EXPECTED = "Every recipient elsewhere is refused (5xx) in every form; a mailbox here is taken from the same stranger."


def _tried(*, v6: bool) -> Result:
    try:
        own = {"ip": f"IPv6:{tries.address(v6=True)}" if v6 else tries.address(), "v": "outside.example"}
    except LookupError as none:
        return not_applicable(str(none))
    own |= {"d": canary().domain, "h": settings.SERVICE.hostname, "c": canary().address}
    cases = [(sender.format(**own), form.format(**own)) for sender in SENDERS for form in FORMS]
    said: dict[str, tries.Reply] = {}
    for start in range(0, len(cases), AT_ONCE):
        said |= _session(cases[start : start + AT_ONCE], v6=v6, host=STRANGER + start // AT_ONCE % 10)
    details = {case: str(reply) for case, reply in said.items()}
    wrong = {case: reply for case, reply in said.items() if not reply.refused}
    taken = _session([("<spammer@none.example>", f"<{canary().address}>")], v6=v6, host=STRANGER)
    if wrong:
        words = "; ".join(f"{case}: {reply}" for case, reply in wrong.items())
        return failed(f"Not refused: {words}", details=details, weaker=tries.weaker())
    if not next(iter(taken.values())).accepted:
        return failed(f"Even a mailbox here is refused: {taken}", weaker=tries.weaker())
    return passed(
        f"{len(said)} attempts, all refused, such as: {next(iter(said.values()))}", details=details, weaker=tries.weaker()
    )


def _session(cases: list[tuple[str, str]], *, v6: bool, host: int) -> dict[str, tries.Reply]:
    """Case → the refusal, of the sender or else of the recipient; or that it was taken. No message follows."""
    said: dict[str, tries.Reply] = {}
    with tries.smtp("mx", v6=v6, host=host, tls=False) as client:
        for sender, to in cases:
            reply = tries.Reply.of(client.docmd("MAIL", f"FROM:{sender}"))
            if reply.accepted:
                reply = tries.Reply.of(client.docmd("RCPT", f"TO:{to}"))
            said[f"{sender} {to}"] = reply
            client.rset()
    return said


@check("P6.9.ipv4", version=1, kind="does", ttl_s=DAY, expected=EXPECTED, timeout_s=60)
def relay_v4(_target: Target) -> Result:
    """No open relay over IPv4."""
    return _tried(v6=False)


@check("P6.9.ipv6", version=1, kind="does", ttl_s=DAY, expected=EXPECTED, timeout_s=60)
def relay_v6(_target: Target) -> Result:
    """No open relay over IPv6."""
    return _tried(v6=True)
