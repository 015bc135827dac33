"""`kindelpost exceptions`: failures that somebody answers for until a day, shown as warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import fold, last_day, parse_day, say, show_table
from kindelpost.cli.session import Dir, Json, session

if TYPE_CHECKING:
    from kindelpost.practice.models import AcceptedException

__all__ = ["app"]

app = typer.Typer(help="Failures that somebody answers for until a day, shown as warnings.", no_args_is_help=True)


def _row(exception: AcceptedException) -> dict[str, Any]:
    from kindelpost.lib.clock import now

    over = exception.ended_at is not None or exception.expires_at <= now()
    return {
        "id": exception.pk,
        "check": exception.check_id,
        "target": exception.target_label or None,
        "owner": exception.owner,
        "reason": exception.reason,
        "until": exception.expires_at.isoformat(),
        "accepted_by": exception.accepted_by,
        "accepted_at": exception.accepted_at.isoformat(),
        "state": "over" if over else "live",
    }


def _text(row: dict[str, Any]) -> str:
    what = f"{row['check']} on {row['target'] or 'every target'}"
    return fold(f"Exception {row['id']}: failures of {what} are a warning until {last_day(row['until'])} ({row['reason']}).")


@app.command()
def add(
    check: Annotated[str, typer.Argument(metavar="CHECK", help="Such as P3.6.")],
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept and shown, to clients too.")],
    until: Annotated[str, typer.Option("--until", help="The last day, such as 2027-01-31; at most 90 days ahead.")],
    target: Annotated[str, typer.Option("--target", help="On this target alone, such as firma.ee.")] = "",
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Accept that a check fails, for a reason and until a day."""
    with session(directory, wait=False) as actor:
        from kindelpost.practice.actions import accept_exception
        from kindelpost.practice.queries import state_for

        state = state_for(actor, check, target) if target else None
        end = parse_day(until)
        row = _row(accept_exception(check, owner=owner, reason=reason, expires_at=end, actor=actor, target=state))
        say(row, _text(row), as_json=as_json)


@app.command("list")
def list_exceptions(directory: Dir = None, as_json: Json = False) -> None:
    """List the exceptions, those that are over too."""
    with session(directory, wait=False) as actor:
        from kindelpost.practice.queries import exceptions_of

        rows = [_row(found) for found in exceptions_of(actor)]
        headings = {"id": "NO", "check": "CHECK", "target": "TARGET", "state": "STATE", "until": "UNTIL", "owner": "OWNER",
                    "reason": "WHY"}  # fmt: skip
        shown = [{**row, "until": last_day(row["until"]), "target": row["target"] or "every target"} for row in rows]
        say(rows, show_table(shown, headings, empty="No failure was ever accepted."), as_json=as_json)


@app.command()
def end(
    number: Annotated[int, typer.Argument(metavar="NO", help="As `exceptions list` shows it.")],
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """End an exception before its day."""
    with session(directory, wait=False) as actor:
        from kindelpost.practice.actions import end_exception
        from kindelpost.practice.queries import exception_for

        found = exception_for(actor, number)
        end_exception(found, actor=actor)
        found.refresh_from_db()
        row = _row(found)
        say(row, f"Exception {number} is over: a failure of {row['check']} is a failure again.", as_json=as_json)
