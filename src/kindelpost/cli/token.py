"""`kindelpost token`: what machines may do, from where, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import say, show_table
from kindelpost.cli.session import Dir, Json, session

if TYPE_CHECKING:
    from kindelpost.accounts.models import Token

__all__ = ["app"]

app = typer.Typer(help="Tokens by which machines use the API.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The machine's or program's name.")]


def _row(token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "client_id": token.client_id,
        "scopes": token.scopes,
        "networks": token.networks,
        "expires": token.expires_at.isoformat(),
        "used": token.used_at and token.used_at.isoformat(),
        "used_from": token.used_from,
    }


@app.command()
def add(
    name: Name,
    network: Annotated[list[str], typer.Option("--network", help="Where it works from; may be given more than once.")],
    scope: Annotated[
        list[str], typer.Option("--scope", help="read or write, or of one area: mailboxes:read. May be given more than once.")
    ],
    days: Annotated[int, typer.Option("--days", help="How long it lasts, 90 at most.")] = 90,
    client: Annotated[str, typer.Option("--client", help="The client whose things it reaches; else the provider's.")] = "",
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Make a token; it is printed once."""
    with session(directory, wait=False) as actor:
        from kindelpost.accounts.actions import add_token
        from kindelpost.tenants.queries import client_for

        client_id = client_for(actor, client).pk if client else None
        token, text = add_token(name, scopes=scope, networks=network, days=days, client_id=client_id, actor=actor)
        said = f"The token {token}, shown this once:\n{text}\nIt ends on {token.expires_at:%Y-%m-%d}."
        say({**_row(token), "token": text}, said, as_json=as_json)


@app.command("list")
def list_tokens(directory: Dir = None, as_json: Json = False) -> None:
    """List the tokens that hold."""
    with session(directory, wait=False) as actor:
        from kindelpost.accounts.queries import tokens_of

        rows = [_row(token) for token in tokens_of(actor)]
        shown = [{**row, "scopes": " ".join(row["scopes"]), "networks": " ".join(row["networks"])} for row in rows]
        for row in shown:
            row["expires"] = row["expires"][:10]
        headings = {"name": "NAME", "scopes": "SCOPES", "expires": "ENDS", "networks": "NETWORKS"}
        say(rows, show_table(shown, headings, empty="No token yet. Add one: kindelpost token add NAME"), as_json=as_json)


@app.command()
def revoke(name: Name, directory: Dir = None, as_json: Json = False) -> None:
    """End a token now."""
    with session(directory, wait=False) as actor:
        from kindelpost.accounts.actions import revoke_token
        from kindelpost.accounts.queries import token_for

        token = token_for(actor, name)
        revoke_token(token, actor=actor)
        say({**_row(token), "state": "revoked"}, f"The token {token} is revoked.", as_json=as_json)
