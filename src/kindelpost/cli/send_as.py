"""`kindelpost send-as`: who may send in another address's name, why, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import fold, last_day, parse_day, say, show_table
from kindelpost.cli.session import Dir, Json, session

if TYPE_CHECKING:
    from kindelpost.tenants.models import SendAsGrant

__all__ = ["app"]

app = typer.Typer(help="Who may send in another address's name, why, and until when.", no_args_is_help=True)
Box = Annotated[str, typer.Argument(metavar="MAILBOX", help="Who sends, such as mari@firma.ee.")]
As = Annotated[str, typer.Argument(metavar="ADDRESS", help="In whose name, such as info@firma.ee.")]


def _row(grant: SendAsGrant) -> dict[str, Any]:
    return {
        "mailbox": str(grant.mailbox),
        "address": str(grant.address),
        "client": grant.mailbox.address.domain.client.slug,
        "reason": grant.reason,
        "until": grant.expires_at.isoformat(),
        "granted_by": grant.granted_by,
        "granted_at": grant.granted_at.isoformat(),
    }


def _text(row: dict[str, Any]) -> str:
    last = last_day(row["until"])
    return fold(f"{row['mailbox']} may send as {row['address']} until {last}: {row['reason']} (granted by {row['granted_by']})")


@app.command()
def grant(
    mailbox: Box,
    address: As,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept and shown.")],
    until: Annotated[str, typer.Option("--until", help="The last day, such as 2027-06-30; at most a year ahead.")],
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Let a mailbox send as another address of the same client."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import grant_send_as
        from kindelpost.tenants.queries import mailbox_for

        box = mailbox_for(actor, mailbox)
        row = _row(grant_send_as(box, address, reason=reason, expires_at=parse_day(until), actor=actor))
        say(row, _text(row), as_json=as_json)


@app.command("list")
def list_grants(directory: Dir = None, as_json: Json = False) -> None:
    """List the grants."""
    with session(directory) as actor:
        from kindelpost.tenants.queries import grants_of

        rows = [_row(found) for found in grants_of(actor)]
        headings = {"mailbox": "MAILBOX", "address": "SENDS AS", "until": "UNTIL", "reason": "WHY"}
        shown = [{**row, "until": last_day(row["until"])} for row in rows]
        say(rows, show_table(shown, headings, empty="Nobody may send in another's name."), as_json=as_json)


@app.command()
def show(mailbox: Box, address: As, directory: Dir = None, as_json: Json = False) -> None:
    """Show a grant."""
    with session(directory) as actor:
        from kindelpost.tenants.queries import grant_for

        row = _row(grant_for(actor, mailbox, address))
        say(row, _text(row), as_json=as_json)


@app.command("remove")
@app.command()
def revoke(mailbox: Box, address: As, directory: Dir = None, as_json: Json = False) -> None:
    """Take a grant back."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import revoke_send_as
        from kindelpost.tenants.queries import grant_for

        found = grant_for(actor, mailbox, address)
        row = _row(found)
        revoke_send_as(found, actor=actor)
        say({**row, "state": "removed"}, f"{row['mailbox']} may no longer send as {row['address']}.", as_json=as_json)
