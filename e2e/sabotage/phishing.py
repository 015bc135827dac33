"""P3.4: the filter without one of its rules against phishing."""

from __future__ import annotations

from e2e.sabotage.tools import Break, engine_edited

__all__ = ["BREAKS"]


def _unregistered(name: str, call: str) -> tuple[str, str, str]:
    rule = f"register('{name}', 'normal', {call}, phishing)"
    return "kindelpost/rules.lua", rule, rule.replace(call, "function() end")


TYPO = "SHORTEST_TYPO, SHORTEST_SWAP = 6, 4", "SHORTEST_TYPO, SHORTEST_SWAP = 99, 99"
BREAKS = (
    Break(
        "the rule about senders is not in force",
        ("P3.4.lookalike",),
        engine_edited("rspamd", _unregistered("KP_LOOKALIKE", "lookalike.check")),
    ),
    Break("no typo is known", ("P3.4.lookalike",), engine_edited("rspamd", ("kindelpost/lookalike.lua", *TYPO))),
    Break(
        "the rule about forms is not in force",
        ("P3.4.form",),
        engine_edited("rspamd", _unregistered("KP_CREDENTIALS", "credentials.check")),
    ),
    Break("the rule about codes is not in force", ("P3.4.qr",), engine_edited("rspamd", _unregistered("KP_QR", "qr.check"))),
    Break(
        "images are not shown to the scanner",
        ("P3.4.qr",),
        engine_edited("rspamd", ("kindelpost/qr.lua", "if list[1] then", "if false then")),
    ),
)
