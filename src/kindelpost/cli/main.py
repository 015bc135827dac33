"""`kindelpost …`: the commands, in the order in which people need them."""

from __future__ import annotations

import sys

import typer

from kindelpost.cli import alias, client, domain, mailbox, send_as
from kindelpost.cli.session import explain
from kindelpost.cli.status import status
from kindelpost.cli.up import down, up
from kindelpost.lib.errors import KindelpostError

__all__ = ["main"]

SERVICE, PEOPLE = "The service", "Clients and their mail"

app = typer.Typer(
    name="kindelpost",
    help="Secure mail for the clients of a hosting provider, by the Estonian good practice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command(rich_help_panel=SERVICE)(up)
app.command(rich_help_panel=SERVICE)(down)
app.command(rich_help_panel=SERVICE)(status)
app.add_typer(client.app, name="client", rich_help_panel=PEOPLE)
app.add_typer(domain.app, name="domain", rich_help_panel=PEOPLE)
app.add_typer(mailbox.app, name="mailbox", rich_help_panel=PEOPLE)
app.add_typer(alias.app, name="alias", rich_help_panel=PEOPLE)
app.add_typer(send_as.app, name="send-as", rich_help_panel=PEOPLE)


def main() -> None:
    """Run the command line; a foreseen error is one or two lines, never a traceback."""
    try:
        app()
    except KindelpostError as error:
        sys.exit(explain(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has gone
        sys.stderr.close()
        sys.exit(0)
