"""`kindelpost alias`: other names of mailboxes, and forwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import say, show_table
from kindelpost.cli.session import Dir, Json, session

if TYPE_CHECKING:
    from kindelpost.tenants.models import Alias

__all__ = ["app"]

app = typer.Typer(help="Aliases: other names of mailboxes, and forwards.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="ADDRESS", help="Such as info@firma.ee.")]


def _row(alias: Alias) -> dict[str, Any]:
    return {
        "address": alias.address.text,
        "client": alias.address.domain.client.slug,
        "to": sorted(str(target) for target in alias.targets.all()),
        "owner": str(alias.owner) if alias.owner else None,
        "external": alias.external_acknowledged,
    }


@app.command()
def add(
    address: Name,
    to: Annotated[list[str], typer.Option("--to", help="Where its mail goes; may be given more than once.")],
    owner: Annotated[str, typer.Option("--owner", help="The mailbox that may also send as it.")] = "",
    external_acknowledged: Annotated[
        bool, typer.Option("--external-acknowledged", help="I know that mail leaves the client.")
    ] = False,
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Add an alias. It is a way in; only its owner may send as it."""
    with session(directory) as actor:
        from kindelpost.mail.addresses import parse_address
        from kindelpost.tenants.actions import create_alias
        from kindelpost.tenants.queries import domain_for, mailbox_for

        spelled = parse_address(address)
        alias = create_alias(
            domain_for(actor, spelled.domain),
            spelled.local,
            to,
            actor=actor,
            owner=mailbox_for(actor, owner) if owner else None,
            external_acknowledged=external_acknowledged,
        )
        row = _row(alias)
        say(row, f"{row['address']} leads to {', '.join(row['to'])}.", as_json=as_json)


@app.command("list")
def list_aliases(directory: Dir = None, as_json: Json = False) -> None:
    """List the aliases."""
    with session(directory) as actor:
        from kindelpost.tenants.queries import aliases_of

        rows = [_row(alias) for alias in aliases_of(actor)]
        shown = [{**row, "to": ", ".join(row["to"]), "owner": row["owner"] or "-"} for row in rows]
        headings = {"address": "ALIAS", "client": "CLIENT", "owner": "OWNER", "to": "LEADS TO"}
        say(
            rows,
            show_table(shown, headings, empty="No alias yet. Add one: kindelpost alias add ADDRESS --to ADDRESS"),
            as_json=as_json,
        )


@app.command()
def show(address: Name, directory: Dir = None, as_json: Json = False) -> None:
    """Show an alias."""
    with session(directory) as actor:
        from kindelpost.tenants.queries import alias_for

        row = _row(alias_for(actor, address))
        say(row, f"{row['address']} leads to {', '.join(row['to'])}; owner: {row['owner'] or 'none'}.", as_json=as_json)


@app.command()
def remove(address: Name, directory: Dir = None, as_json: Json = False) -> None:
    """Remove an alias."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import remove_alias
        from kindelpost.tenants.queries import alias_for

        alias = alias_for(actor, address)
        row = _row(alias)
        remove_alias(alias, actor=actor)
        say({**row, "state": "removed"}, f"{row['address']} is removed.", as_json=as_json)
