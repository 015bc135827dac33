"""One command's session with an instance: find it, become the account that owns its data, set Django up, translate errors."""

from __future__ import annotations

import os
import pwd
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kindelpost.cli.waiting import last_entry, until_answered
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.host.ground import check_root
from kindelpost.lib.errors import EngineFault, KindelpostError, Refused

if TYPE_CHECKING:
    from collections.abc import Generator

    from kindelpost.journal.actor import Actor

__all__ = ["Dir", "Json", "become", "explain", "find_instance", "session"]

Dir = Annotated[Path | None, typer.Option("--dir", help="The instance. Default: the nearest kindelpost.toml, else var/.")]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]


def find_instance(named: Path | None) -> Path:
    """The folder of the instance: `named`, or that of the nearest kindelpost.toml upwards, or var/."""
    if named is not None:
        return named.absolute()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "kindelpost.toml").exists()), here / "var")


def become(account: str) -> None:
    """Where we are root: become `account` for good, with its groups alone. Nothing that reads our data runs as root."""
    if os.geteuid() != 0:
        return
    try:
        entry = pwd.getpwnam(account)
    except KeyError as missing:
        raise EngineFault("no-account", f"The account {account} does not exist.", "Run `./kindelpost up` first.") from missing
    os.initgroups(account, entry.pw_gid)
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)


def explain(error: KindelpostError) -> int:
    """Say on standard error what happened, why, and what to do; returns the exit code."""
    sys.stderr.write(f"{error.message}\n{error.hint}\n" if error.hint else f"{error.message}\n")
    return 1 if isinstance(error, Refused) else 3


def _operator() -> Actor:
    from kindelpost.journal.actor import Actor

    name = os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    return Actor("provider", name, name)


@contextmanager
def session(named: Path | None, *, wait: bool = True) -> Generator[Actor]:
    """Django is ready inside, and the person at the keyboard acts for the provider. An error ends with its exit code.

    With `wait` what was changed inside is in force when the command ends, or the person is told that it is not yet.
    """
    try:
        actor, before = _enter(named, wait=wait)
        yield actor
        if wait and not until_answered(before):
            sys.stderr.write("The change is kept, but the worker has not carried it out yet: see `kindelpost status`.\n")
    except KindelpostError as error:
        raise typer.Exit(explain(error)) from error
    except _database_errors() as error:
        fault = EngineFault(
            "database", f"The control database does not answer: {error}", "Run as root, and see `kindelpost status`."
        )
        raise typer.Exit(explain(fault)) from error


def _enter(named: Path | None, *, wait: bool) -> tuple[Actor, int]:
    """Who acts, said before we become another account, and the journal's newest entry where its answer is waited for."""
    actor = _operator()
    _open(find_instance(named))
    return actor, last_entry() if wait else 0


def _open(instance: Path) -> None:
    """Load every room while the checkout is still readable, then become the account that owns the data."""
    from kindelpost.config import database

    if not (instance / "data" / "control").is_dir():
        hint = "Start it with `./kindelpost up`, or name it with --dir."
        raise Refused("no-instance", f"There is no service in {instance}.", hint)
    if (instance / "data" / "control").stat().st_uid != os.geteuid():
        check_root()
    database.setup(instance)
    become(ACCOUNTS["control"])


def _database_errors() -> tuple[type[Exception], ...]:
    from django.db import DatabaseError, InterfaceError

    return DatabaseError, InterfaceError
