"""How the commands print and read: tables of 80 columns, JSON, sizes, days, the reader's language."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["WIDTH", "fold", "language", "last_day", "parse_day", "parse_size", "say", "show_size", "show_table"]

WIDTH = 80
NARROWEST = 24  # a last column gets at least this, even where the others take all room
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


def say(data: Any, text: str, *, as_json: bool) -> None:  # noqa: ANN401 -- JSON has no narrower type
    """Print `data` as JSON for a machine or `text` for a person."""
    sys.stdout.write((json.dumps(data, ensure_ascii=False) if as_json else text) + "\n")


def show_table(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str], *, empty: str) -> str:
    """The rows as aligned columns ({key: heading}), the last one folded; `empty` says the first step where there is nothing."""
    if not rows:
        return empty
    lines = [list(columns.values()), *([str(row[key]) for key in columns] for row in rows)]
    *widths, _last = [max(map(len, column)) for column in zip(*lines, strict=True)]
    heads = ["".join(f"{cell:{width}}  " for cell, width in zip(line[:-1], widths, strict=True)) for line in lines]
    return "\n".join(fold(line[-1], first=head) for line, head in zip(lines, heads, strict=True))


def fold(text: str, *, first: str = "", rest: str | None = None) -> str:
    """`text` in lines of 80 columns, after `first`; the other lines begin with `rest`, else as many blanks."""
    then = " " * len(first) if rest is None else rest
    width = max(WIDTH, len(then) + NARROWEST)
    folded = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(folded or [first]).rstrip()


def parse_size(text: str) -> int:
    """Bytes of "2G" (decimal), "2Gi" (binary) or "2000000000". Raises `Refused` (`bad-quota`)."""
    match = re.fullmatch(r"([0-9]{1,15})([KMGT]?I?)B?", text.strip().upper())
    if match is None or match[2] not in UNITS:
        raise Refused("bad-quota", f"{text!r} is not a size.", "Write one such as 500M or 2G.")
    return int(match[1]) * UNITS[match[2]]


def show_size(count: int) -> str:
    """A size in the unit people use."""
    for unit in "TGMK":
        if count >= UNITS[unit]:
            return f"{count / UNITS[unit]:.3g} {unit}B"
    return f"{count} B"


def parse_day(text: str) -> datetime:
    """The end of that day in UTC. Raises `Refused` (`bad-expiry`)."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except ValueError as wrong:
        raise Refused("bad-expiry", f"{text!r} is not a day.", "Write one such as 2027-06-30.") from wrong


def last_day(until: str) -> str:
    """The last whole day before `until` (ISO, UTC): what `parse_day` was given."""
    return (datetime.fromisoformat(until) - timedelta(microseconds=1)).date().isoformat()


def language(named: str) -> str:
    """`et` or `en`: what was asked for, else the locale's."""
    locale = named or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "et" if locale.lower().startswith("et") else "en"
