"""`kindelpost status`: is everything running, under which account, listening where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from kindelpost.cli.output import fold, say, show_table
from kindelpost.cli.session import Dir, Json, find_instance

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["status"]


def status(directory: Dir = None, as_json: Json = False) -> None:
    """Show every engine, its account, and what it listens on."""
    from kindelpost.engines.host.ground import check_root
    from kindelpost.engines.instance import open_instance
    from kindelpost.engines.outside.namespace import find
    from kindelpost.engines.states import describe

    check_root()
    root = find_instance(directory)
    found = describe(open_instance(root, outside=find(root)))
    say(found, _text(found), as_json=as_json)
    if found["state"] != "ready":
        raise typer.Exit(3)


def _text(found: Mapping[str, Any]) -> str:
    from kindelpost.engines.states import DOORS

    headings = {"name": "ENGINE", "version": "VERSION", "account": "ACCOUNT", "state": "STATE", "said": "SAID"}
    doors = [f"  {name:12} {where['host']} port {where['port']}" for name, where in found["endpoints"].items() if name in DOORS]
    lines = [
        f"The service in {found['dir']} is {found['state']}.",
        "",
        show_table(found["engines"], headings, empty=""),
        "",
        *doors,
    ]
    lines += [f"  {'https':12} {found['endpoints']['portal']['url']}.well-known/security.txt"]
    notes = [f"{row['name']}: {row['limits']}" for row in found["engines"] if row["limits"]]
    notes += [f"Nobody declared {each}" for each in found["sockets"]["undeclared"]]
    notes += [f"Nothing listens for {each}" for each in found["sockets"]["missing"]]
    notes += [f"It does not run: ./kindelpost up --dir {found['dir']} starts it."] * (found["state"] == "down")
    lines += [fold(note, first="! ") for note in notes]
    return "\n".join(lines)
