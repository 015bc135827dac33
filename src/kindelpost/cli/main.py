"""`kindelpost …`: the commands, in the order in which people need them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from kindelpost.cli import alias, client, domain, evidence, exceptions, mailbox, person, send_as, token
from kindelpost.cli.apply import apply
from kindelpost.cli.bench import bench
from kindelpost.cli.check import check
from kindelpost.cli.clauses import clauses
from kindelpost.cli.session import explain
from kindelpost.cli.status import status
from kindelpost.cli.up import down, up
from kindelpost.config.version import VERSION
from kindelpost.lib.errors import KindelpostError

__all__ = ["app", "main"]

SERVICE, PEOPLE, PRACTICE = "The service", "Clients and their mail", "The good practice"
PORTAL = "The portal and the API"

app = typer.Typer(
    name="kindelpost",
    help="Secure mail for the clients of a hosting provider, by the Estonian good practice.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in (up, down, status, apply, bench):
    app.command(rich_help_panel=SERVICE)(command)
for name, part in (("client", client), ("domain", domain), ("mailbox", mailbox), ("alias", alias), ("send-as", send_as)):
    app.add_typer(part.app, name=name, rich_help_panel=PEOPLE)
for name, part in (("person", person), ("token", token)):
    app.add_typer(part.app, name=name, rich_help_panel=PORTAL)
app.command(rich_help_panel=PRACTICE)(check)
app.command(rich_help_panel=PRACTICE)(clauses)
for name, part in (("evidence", evidence), ("exceptions", exceptions)):
    app.add_typer(part.app, name=name, rich_help_panel=PRACTICE)


@app.callback(invoke_without_command=True)
def overview(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False
) -> None:
    """Secure mail for the clients of a hosting provider, by the Estonian good practice."""
    if version:
        typer.echo(f"kindelpost {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line; a foreseen error is one or two lines, never a traceback."""
    sys.stdout, sys.stderr = _writable(sys.stdout), _writable(sys.stderr)
    try:
        app(prog_name="kindelpost")
    except KindelpostError as error:
        sys.exit(explain(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _writable(stream: TextIO | None) -> TextIO:
    """A stream that takes every letter: closed ones lead nowhere, a terminal that lacks a letter shows another."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    return stream
