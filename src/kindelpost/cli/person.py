"""`kindelpost person`: who signs in to the portal, and how they get in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import say, show_table
from kindelpost.cli.session import Dir, Json, session

if TYPE_CHECKING:
    from kindelpost.accounts.models import Person

__all__ = ["app", "link_of"]

app = typer.Typer(help="People of the portal: the provider's, clients' administrators, mailbox users.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="What they sign in with, such as dora@provider.example.")]
SpaceName = Annotated[str, typer.Option("--space", help="provider, client or mailbox.")]
SPACES = ("provider", "client", "mailbox")


def link_of(token: str) -> str:
    """The address of a one-time link."""
    from django.conf import settings

    return f"{settings.SERVICE.portal_url}/enrol/link/{token}/"


def _row(person: Person) -> dict[str, Any]:
    from kindelpost.accounts.queries import has_second_factor

    return {
        "login": person.login,
        "space": person.space,
        "name": person.name,
        "client_id": person.client_id,
        "second_factor": has_second_factor(person),
        "break_glass": person.break_glass,
        "enrolled": person.enrolled_at and person.enrolled_at.isoformat(),
    }


def _space(named: str) -> str:
    if named not in SPACES:
        raise typer.BadParameter(f"{named!r} is none of {', '.join(SPACES)}.", param_hint="--space")
    return named


@app.command()
def add(  # noqa: PLR0913, PLR0917 -- typer's parameters
    login: Login,
    name: Annotated[str, typer.Option("--name", help="The person's name; the login where it is left out.")] = "",
    space: SpaceName = "provider",
    client: Annotated[str, typer.Option("--client", help="The client whose administrator this is.")] = "",
    language: Annotated[str, typer.Option("--language", help="et or en; the browser's where it is left out.")] = "",
    break_glass: Annotated[
        bool, typer.Option("--break-glass", help="An account for a sealed envelope: prints a password and codes, once.")
    ] = False,
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Add a person; prints a one-time link by which they set up how to sign in."""
    with session(directory, wait=False) as actor:
        from kindelpost.accounts import actions

        if break_glass:
            sealed, password, codes = actions.seal_break_glass(login, actor=actor)
            lines = [f"{sealed} is sealed. Print this, close the envelope, and note who holds it. It is not shown again."]
            lines += ["", f"login     {sealed.login}", f"password  {password}", f"codes     {' '.join(codes)}"]
            say({**_row(sealed), "password": password, "codes": codes}, "\n".join(lines), as_json=as_json)
            return
        belongs = _belonging(actor, _space(space), client, login)
        person = actions.add_person(space, login, name or login, language=language, actor=actor, **belongs)
        link = link_of(actions.enrol_person(person, actor=actor))
        say({**_row(person), "link": link}, f"{person} is added. One link, once, for 48 hours:\n{link}", as_json=as_json)


def _belonging(actor: Any, space: str, client: str, login: str) -> dict[str, int]:  # noqa: ANN401 -- Actor is imported late
    """What a person of this space belongs to: a client, a mailbox's address."""
    from kindelpost.tenants.queries import client_for, mailbox_for

    if space == "client":
        return {"client_id": client_for(actor, client).pk}
    if space == "mailbox":
        mailbox = mailbox_for(actor, login)
        return {"client_id": mailbox.address.domain.client_id, "address_id": mailbox.address_id}
    return {}


@app.command("list")
def list_people(directory: Dir = None, as_json: Json = False) -> None:
    """List the people."""
    with session(directory, wait=False) as actor:
        from kindelpost.accounts.queries import people_of

        rows = [_row(person) for person in people_of(actor)]
        shown = [{**row, "second_factor": "yes" if row["second_factor"] else "no"} for row in rows]
        headings = {"login": "LOGIN", "space": "SPACE", "second_factor": "2ND FACTOR", "name": "NAME"}
        say(rows, show_table(shown, headings, empty="Nobody yet. Add one: kindelpost person add LOGIN"), as_json=as_json)


@app.command()
def enrol(login: Login, space: SpaceName = "provider", directory: Dir = None, as_json: Json = False) -> None:
    """Print a new one-time link for somebody who has not set up their sign-in."""
    with session(directory, wait=False) as actor:
        from kindelpost.accounts import actions
        from kindelpost.accounts.queries import person_for

        person = person_for(actor, _space(space), login)
        link = link_of(actions.enrol_person(person, actor=actor))
        say({**_row(person), "link": link}, f"One link for {person}, once, for 48 hours:\n{link}", as_json=as_json)


@app.command()
def recover(login: Login, space: SpaceName = "provider", directory: Dir = None, as_json: Json = False) -> None:
    """Take every way to sign in and every session from somebody, and print a new one-time link."""
    with session(directory, wait=False) as actor:
        from kindelpost.accounts import actions
        from kindelpost.accounts.queries import person_for

        person = person_for(actor, _space(space), login)
        link = link_of(actions.recover_person(person, actor=actor))
        text = f"{person} can no longer sign in as before. One link, once, for 48 hours:\n{link}"
        say({**_row(person), "link": link}, text, as_json=as_json)


@app.command()
def remove(login: Login, space: SpaceName = "provider", directory: Dir = None, as_json: Json = False) -> None:
    """Remove a person; what they did stays in the journal."""
    with session(directory, wait=False) as actor:
        from kindelpost.accounts import actions
        from kindelpost.accounts.queries import person_for

        person = person_for(actor, _space(space), login)
        row = _row(person)
        actions.remove_person(person, actor=actor)
        say({**row, "state": "removed"}, f"{person} is removed.", as_json=as_json)
