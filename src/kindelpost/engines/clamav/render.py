"""Facts in, the scanner's and the updater's configuration out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kindelpost.engines.base import File
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.templates import render_template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["render", "scratch", "socket"]

SLACK = 1_000_000  # headers that Postfix and the milter add to the largest message
SCANNED = 4  # how many times the largest message may be unpacked


def socket(facts: Facts) -> Path:
    """Where clamd listens."""
    return facts.layout.run("clamav") / "clamd.sock"


def scratch(facts: Facts) -> Path:
    """Where clamd unpacks; its own, on the disk of the data and not in a small /run."""
    return facts.layout.data("clamd")


def render(facts: Facts, cores: int | None = None) -> Mapping[str, File]:
    """The rendered files; `cores` (default: this machine's) is the number of scans at a time."""
    largest = facts.service.limits.message_bytes
    scan_bytes = SCANNED * largest
    clamd = render_template(
        "clamav",
        "clamd.conf.j2",
        socket=socket(facts),
        signatures=facts.layout.data("clamav"),
        scratch=scratch(facts),
        cores=cores or os.cpu_count() or 1,
        stream_bytes=largest + SLACK,
        file_bytes=scan_bytes + SLACK,
        scan_bytes=scan_bytes,
    )
    account = ACCOUNTS["freshclam"]
    freshclam = render_template("clamav", "freshclam.conf.j2", signatures=facts.layout.data("clamav"), account=account)
    return {"clamd.conf": File(clamd), "freshclam.conf": File(freshclam, group=account)}
