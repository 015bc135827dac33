"""`kindelpost client`: the organisations that are served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import say, show_table
from kindelpost.cli.session import Dir, Json, session

if TYPE_CHECKING:
    from kindelpost.tenants.models import Client

__all__ = ["app"]

app = typer.Typer(help="Clients: the organisations that are served.", no_args_is_help=True)
Slug = Annotated[str, typer.Argument(help="The client's short name, such as firma.")]


def _row(client: Client) -> dict[str, Any]:
    return {"client": client.slug, "name": client.name, "domains": [str(domain) for domain in client.domains.order_by("name")]}


@app.command()
def add(
    slug: Slug,
    name: Annotated[str, typer.Option("--name", help="The full name; the short one where it is left out.")] = "",
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Add a client."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import create_client

        client = create_client(slug, name or slug, actor=actor)
        say(
            _row(client), f"The client {client} is added. Next: kindelpost domain add DOMAIN --client {client}", as_json=as_json
        )


@app.command("list")
def list_clients(directory: Dir = None, as_json: Json = False) -> None:
    """List the clients."""
    with session(directory) as actor:
        from kindelpost.tenants.queries import clients_of

        rows = [_row(client) for client in clients_of(actor).prefetch_related("domains")]
        shown = [{**row, "domains": len(row["domains"])} for row in rows]
        headings = {"client": "CLIENT", "domains": "DOMAINS", "name": "NAME"}
        say(rows, show_table(shown, headings, empty="No client yet. Add one: kindelpost client add SLUG"), as_json=as_json)


@app.command()
def show(slug: Slug, directory: Dir = None, as_json: Json = False) -> None:
    """Show a client and its domains."""
    with session(directory) as actor:
        from kindelpost.tenants.queries import client_for

        row = _row(client_for(actor, slug))
        say(row, f"{row['client']}: {row['name']}\ndomains: {', '.join(row['domains']) or 'none yet'}", as_json=as_json)


@app.command()
def remove(slug: Slug, directory: Dir = None, as_json: Json = False) -> None:
    """Remove a client that has no domain left."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import remove_client
        from kindelpost.tenants.queries import client_for

        client = client_for(actor, slug)
        remove_client(client, actor=actor)
        say({"client": client.slug, "state": "removed"}, f"The client {client} is removed.", as_json=as_json)
