"""`kindelpost clauses`: the sentences of the good practice, and what the checks say of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import WIDTH, fold, language, say
from kindelpost.cli.session import Dir, Json, session

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WORDS", "clauses"]

WORDS = {
    "et": {
        "pass": "✔ korras", "warn": "! tähelepanu", "fail": "✘ puudus", "unknown": "? teadmata",
        "not-applicable": "· ei kohaldu", "awaited": "veel kontrollimata",
        "checks": "kontrolli", "expected": "peab olema", "from": "proovitud",
    },
    "en": {
        "pass": "✔ pass", "warn": "! warn", "fail": "✘ fail", "unknown": "? unknown",
        "not-applicable": "· not applicable", "awaited": "not checked yet",
        "checks": "checks", "expected": "expected", "from": "tried",
    },
}  # fmt: skip
SETTLED = {"pass", "not-applicable"}


def clauses(
    lang: Annotated[str, typer.Option("--lang", help="et or en; the locale's otherwise.")] = "",
    short: Annotated[bool, typer.Option("--short", help="A line each.")] = False,
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Show the sentences of the good practice, each with what the checks say of it."""
    with session(directory, wait=False) as actor:
        from kindelpost.practice.queries import clauses_table

        rows = clauses_table(actor)
        tell = _line if short else _lines
        say(rows, "\n".join(line for row in rows for line in tell(row, language(lang))), as_json=as_json)


def _line(row: dict[str, Any], lang: str) -> Iterator[str]:
    """The verdict, how many checks hold, and what keeps it from being green."""
    words, results = WORDS[lang], row["results"]
    worst = next((f"{one['id']}: {one['observed']}" for one in results if one["verdict"] not in SETTLED), "")
    lacking = f"{words['awaited']}: {' '.join(row['awaited'])}" if row["awaited"] else ""
    told = f"{words[row['verdict']]:13} {row['held']:3}/{row['tried']:<3} {worst or lacking}"
    line = f"{row['id']}  {told}"
    yield line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _lines(row: dict[str, Any], lang: str) -> Iterator[str]:
    """The sentence with its verdict, then what is not settled, worst first."""
    words = WORDS[lang]
    yield fold(f"{words[row['verdict']]}. {row[lang]}", first=f"{row['id']}  ")
    for check in row["results"]:
        if check["verdict"] in SETTLED:
            continue
        said = f"{words[check['verdict']]}: {check['observed'] or '—'}"
        if check["exception"]:
            said += f" ({check['exception']['owner']}: {check['exception']['reason']}, {check['exception']['until'][:10]})"
        yield fold(said, first=f"    {check['id']} {check['target']['label']}: ", rest=" " * 8)
    if row["awaited"]:
        yield fold(f"{words['awaited']}: {' '.join(row['awaited'])}", first="    ", rest=" " * 8)
