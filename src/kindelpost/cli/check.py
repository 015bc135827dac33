"""`kindelpost check`: the practice tried against the running service, now."""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.clauses import WORDS
from kindelpost.cli.output import fold, language, say
from kindelpost.cli.session import Dir, Json, session

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["check"]

AT_ONCE = 8
PATIENCE_SECONDS = 120.0


def check(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="Checks, controls or clauses; all without one.")
    ] = None,
    clause: Annotated[str, typer.Option("--clause", help="Only what proves this clause, such as P6.")] = "",
    lang: Annotated[str, typer.Option("--lang", help="et or en; the locale's otherwise.")] = "",
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Try the running service against the good practice, now. Ends with 1 where a mandatory check fails."""
    begun = time.monotonic()
    logging.disable()  # what a check met is in its row
    with session(directory, wait=False) as actor:
        from kindelpost.practice.queries import checks_for, states_for
        from kindelpost.practice.running import Pool
        from kindelpost.practice.timers import sync

        sync()
        pool = Pool(AT_ONCE)
        try:
            pool.run(states_for(actor, ids or (), clause), patience_s=PATIENCE_SECONDS)
        finally:
            pool.stop()
        rows = [one.row() for one in checks_for(actor, ids or (), clause)]
        say(rows, "\n".join(_lines(rows, language(lang), time.monotonic() - begun)), as_json=as_json)
        if any(row["verdict"] == "fail" and row["mandatory"] for row in rows):
            raise typer.Exit(1)


def _lines(rows: Sequence[dict[str, Any]], lang: str, seconds: float) -> Iterator[str]:
    """What holds first, what does not last, where people look; then the sum."""
    words = WORDS[lang]
    for row in reversed(rows):
        yield fold(f"{row['target']['label']}: {row['observed'] or '—'}", first=f"{words[row['verdict']]}  {row['id']}  ")
        if row["verdict"] == "fail":
            yield fold(row["expected"], first=f"      {words['expected']}: ")
        if row["weaker"]:
            yield fold(row["weaker"], first=f"      {words['from']}: ")
    count = Counter(row["verdict"] for row in rows)
    summed = ", ".join(f"{number} {words[verdict]}" for verdict, number in count.most_common())
    yield f"\n{len(rows)} {words['checks']}, {seconds:.0f} s: {summed or '—'}"
