"""P3.4: a rule against phishing is taken away, one at a time."""

from __future__ import annotations

from e2e.sabotage.tools import Break, engine_edited

__all__ = ["BREAKS"]

RULES = "kindelpost/rules.lua"
BREAKS = (
    Break(
        "a password form is not looked for",
        ("P3.4.form",),
        engine_edited("rspamd", (RULES, "'normal', phishing.form,", "'normal', function() end,")),
    ),
    Break(
        "a look-alike domain is not looked for",
        ("P3.4.lookalike",),
        engine_edited("rspamd", (RULES, "'normal', phishing.lookalike,", "'normal', function() end,")),
    ),
    Break(
        "a display name counts for nothing",
        ("P3.4.name",),
        engine_edited("rspamd", ("local.d/actions.conf", "add_header = 6.0", "add_header = 14.9")),
    ),
    Break(
        "images are not read",
        ("P3.4.qr",),
        engine_edited("rspamd", ("kindelpost/images.lua", "if door.of(task) == 'mx' then", "if false then")),
    ),
)
