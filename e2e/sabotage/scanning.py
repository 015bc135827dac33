"""P3: the filter is broken, one promise at a time."""

from __future__ import annotations

from e2e.sabotage.tools import Break, engine_edited

__all__ = ["BREAKS"]

VIRUS = "kindelpost/virus.lua"

BREAKS = (
    Break(
        "the virus scanner's verdict is not heard",
        ("P3.1.plain", "P3.1.base64", "P3.1.zip", "P3.1.nested", "P3.1.message", "P3.9"),
        engine_edited("rspamd", (VIRUS, "message = 'virus found: '", "action = 'no action', message = 'virus found: '")),
    ),
    Break(
        "the mail exchanger asks no filter",
        ("P3.2", "P3.3", "P6.7"),
        engine_edited("postfix", ("master.cf", "-o milter_macro_daemon_name=mx", "-o smtpd_milters=")),
    ),
    Break(
        "everything is taken for junk",
        ("P3.5",),
        engine_edited("rspamd", ("local.d/actions.conf", "add_header = 6.0", "add_header = -50.0")),
    ),
    Break(
        "an unscanned message passes",
        ("P3.7",),
        engine_edited("rspamd", (VIRUS, "if not task:cache_get('kindelpost_scanned') then", "if false then")),
    ),
    Break(
        "the scanner's limits are not heard",
        ("P3.8",),
        engine_edited("rspamd", (VIRUS, "if not limit then", "if true then")),
    ),
)
