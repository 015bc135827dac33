"""`kindelpost mailbox`: people's mailboxes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import parse_size, say, show_size, show_table
from kindelpost.cli.session import Dir, Json, session
from kindelpost.cli.waiting import until_ready

if TYPE_CHECKING:
    from kindelpost.tenants.models import Mailbox

__all__ = ["app"]

app = typer.Typer(help="Mailboxes.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="ADDRESS", help="Such as mari@firma.ee.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
GENERATED = (
    "The password, shown this once: {}\nThe portal's enrolment link, with which people choose their own, comes with the portal."
)


def _row(mailbox: Mailbox) -> dict[str, Any]:
    address = mailbox.address
    return {
        "address": address.text,
        "client": address.domain.client.slug,
        "state": mailbox.state,
        "quota_bytes": mailbox.quota_bytes,
    }


def _password(*, from_stdin: bool) -> tuple[str, str]:
    """The password, and what to show of it: nothing where the person typed it."""
    from kindelpost.accounts.passwords import make_password

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), ""
    made = make_password()
    return made, made


@app.command()
def add(
    address: Name,
    quota: Annotated[str, typer.Option("--quota", help="Such as 2G. Default: the configuration's.")] = "",
    from_stdin: FromStdin = False,
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Add a mailbox; without --password-stdin a password is made and shown once."""
    with session(directory) as actor:
        from django.conf import settings

        from kindelpost.mail.addresses import parse_address
        from kindelpost.tenants.actions import create_mailbox
        from kindelpost.tenants.queries import domain_for

        spelled = parse_address(address)
        domain = domain_for(actor, spelled.domain)
        size = parse_size(quota) if quota else settings.SERVICE.quota.default_bytes
        password, shown = _password(from_stdin=from_stdin)
        mailbox = create_mailbox(domain, spelled.local, password=password, quota_bytes=size, actor=actor)
        said = "ready" if until_ready(mailbox) else "being prepared: the worker has not answered yet, see `kindelpost status`"
        text = f"{mailbox} is {said}." + (f"\n{GENERATED.format(shown)}" if shown else "")
        say({**_row(mailbox), **({"password": shown} if shown else {})}, text, as_json=as_json)


@app.command("list")
def list_mailboxes(directory: Dir = None, as_json: Json = False) -> None:
    """List the mailboxes."""
    with session(directory) as actor:
        from kindelpost.tenants.queries import mailboxes_of

        rows = [_row(mailbox) for mailbox in mailboxes_of(actor)]
        shown = [{**row, "quota": show_size(row["quota_bytes"])} for row in rows]
        headings = {"address": "ADDRESS", "client": "CLIENT", "state": "STATE", "quota": "QUOTA"}
        say(rows, show_table(shown, headings, empty="No mailbox yet. Add one: kindelpost mailbox add ADDRESS"), as_json=as_json)


@app.command()
def show(address: Name, directory: Dir = None, as_json: Json = False) -> None:
    """Show a mailbox, its other names and what it may send as."""
    with session(directory) as actor:
        from kindelpost.tenants.queries import mailbox_for

        mailbox = mailbox_for(actor, address)
        row = {
            **_row(mailbox),
            "home": mailbox.home,
            "owns": [str(alias) for alias in mailbox.owned_aliases.select_related("address")],
            "sends_as": [str(grant.address) for grant in mailbox.grants.select_related("address")],
        }
        text = f"{mailbox}: {mailbox.state}, {show_size(mailbox.quota_bytes)}, client {row['client']}"
        more = [f"{label}: {', '.join(row[key])}" for key, label in (("owns", "owns"), ("sends_as", "sends as")) if row[key]]
        say(row, "\n".join([text, *more]), as_json=as_json)


@app.command()
def quota(
    address: Name,
    size: Annotated[str, typer.Argument(help="Such as 2G.")],
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Give a mailbox another size."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import set_mailbox_quota
        from kindelpost.tenants.queries import mailbox_for

        mailbox = mailbox_for(actor, address)
        set_mailbox_quota(mailbox, parse_size(size), actor=actor)
        say(_row(mailbox), f"{mailbox} may now hold {show_size(mailbox.quota_bytes)}.", as_json=as_json)


@app.command()
def password(address: Name, from_stdin: FromStdin = False, directory: Dir = None, as_json: Json = False) -> None:
    """Give a mailbox another password; without --password-stdin one is made and shown once."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import set_password
        from kindelpost.tenants.queries import mailbox_for

        mailbox = mailbox_for(actor, address)
        chosen, shown = _password(from_stdin=from_stdin)
        set_password(mailbox, chosen, actor=actor)
        text = f"{mailbox} has a new password." + (f"\n{GENERATED.format(shown)}" if shown else "")
        say({**_row(mailbox), **({"password": shown} if shown else {})}, text, as_json=as_json)


@app.command()
def remove(address: Name, directory: Dir = None, as_json: Json = False) -> None:
    """Remove a mailbox. Its mail stays on disk, where the journal says."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import remove_mailbox
        from kindelpost.tenants.queries import mailbox_for

        mailbox = mailbox_for(actor, address)
        row = _row(mailbox)
        remove_mailbox(mailbox, actor=actor)
        text = f"{row['address']} is removed. Its mail stays on disk in {mailbox.home}."
        say({**row, "state": "removed", "home": mailbox.home}, text, as_json=as_json)
