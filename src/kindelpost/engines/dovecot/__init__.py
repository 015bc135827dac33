"""Dovecot: mailboxes over IMAP, delivery over LMTP, Sieve, quota, and sign-in for itself and for Postfix.

Serves P3 (Junk), P4 (every mailbox has a quota; a full one answers 452 while the sender is still there), M4 (no sign-in in the
clear), T02, T03, T17, T32. It knows the mailboxes only from one published SQLite file. Never: a database credential, POP3, a
sign-in outside TLS, mail sent past Postfix's rules.
"""

from __future__ import annotations

from kindelpost.engines.base import Engine
from kindelpost.engines.dovecot.probe import probe
from kindelpost.engines.dovecot.render import directories, listeners, processes, render
from kindelpost.engines.dovecot.validate import validate, version

__all__ = ["ENGINE"]

ENGINE = Engine(
    name="dovecot",
    account="dovecot",
    render=render,
    validate=validate,
    probe=probe,
    version=version,
    processes=processes,
    directories=directories,
    listeners=listeners,
    secrets=("sieve-out", "forward-out"),
)
