"""`kindelpost evidence`: signed records of every check, in one file that anybody can verify."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 -- typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import say
from kindelpost.cli.session import Dir, Json, explain, session
from kindelpost.lib.errors import Refused
from kindelpost.practice.verify import Broken, verify_file

if TYPE_CHECKING:
    from typing import BinaryIO

    from kindelpost.practice.verify import Report

__all__ = ["app"]

app = typer.Typer(help="Signed records of every check, in one file that anybody can verify.", no_args_is_help=True)
SHOWN_GAPS = 5


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; what is there is replaced.")],
    client: Annotated[str, typer.Option("--client", help="For this client: its own and the provider-wide records.")] = "",
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Write the evidence into one file that verifies by itself."""
    with _open(file, "wb") as sink, session(directory, wait=False) as actor:  # opened as the person who asks
        from kindelpost.practice.export import Reader
        from kindelpost.practice.export import export as write
        from kindelpost.practice.store import evidence
        from kindelpost.tenants.queries import client_for

        found = client_for(actor, client) if client else None
        records, shown = write(evidence(), sink, Reader(found.pk, found.slug) if found else None)
        text = f"{file} holds {shown} of {records} records; `kindelpost evidence verify {file}` needs nothing else."
        say({"file": str(file), "records": records, "shown": shown, "client": client or None}, text, as_json=as_json)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export.")],
    fingerprint: Annotated[str, typer.Option("--fingerprint", help="The first key's fingerprint, as published.")] = "",
    head: Annotated[list[Path] | None, typer.Option("--head", help="A head kept earlier; its record must be there.")] = None,
    as_json: Json = False,
) -> None:
    """Verify an export without any instance: its chain, signatures and end, and where checks were silent."""
    with _open(file, "rb") as source:
        try:
            heads = [path.read_bytes().strip() for path in head or ()]
            report = verify_file(source, expect=fingerprint, heads=heads)
        except (Broken, ValueError) as broken:
            where = {"line": broken.line, "record": broken.seq} if isinstance(broken, Broken) else {}
            say({"verifies": False, **where, "why": str(broken)}, f"{file} does not verify: {broken}.", as_json=as_json)
            raise typer.Exit(1) from broken
    said = {"verifies": True, **asdict(report)}
    said["gaps"] = [{**gap, "since": gap["since"].isoformat(), "until": gap["until"].isoformat()} for gap in said["gaps"]]
    say(said, _told(report, file), as_json=as_json)


def _told(report: Report, file: Path) -> str:
    whose = f"for the client {report.client}" if report.client else "for the provider"
    lines = [
        f"{file} verifies: {report.records} records, {report.shown} of them shown ({whose}), {report.keys} key(s).",
        f"First key: {report.fingerprint}",
        f"Sealed:    {report.sealed_at}",
    ]
    if report.silent:
        lines.append(f"{report.silent} time(s) a check was silent for longer than its result holds; nothing is proven then:")
        lines += [
            f"  {gap.check} on {gap.target}: {gap.since:%F %T} to {gap.until:%F %T} UTC" for gap in report.gaps[:SHOWN_GAPS]
        ]
    return "\n".join(lines)


@app.command()
def head(directory: Dir = None, as_json: Json = False) -> None:
    """Show where the chain ends now, signed: keep it, and no record before it can vanish unnoticed."""
    with session(directory, wait=False):
        from kindelpost.practice.store import evidence

        line, first = evidence().head().decode(), evidence().first_fingerprint()
        found: dict[str, Any] = json.loads(line)
        told = f"Record {found['seq']} of {found['at'][:19]} UTC, first key {first}. Keep this line:\n{line}"
        say({"head": found, "first_key": first}, told, as_json=as_json)


@app.command("rotate-key")
def rotate_key(directory: Dir = None, as_json: Json = False) -> None:
    """Replace the signing key; the old one introduces the new one and is destroyed."""
    with session(directory, wait=False):
        from kindelpost.practice.store import evidence

        fingerprint = evidence().rotate_key()
        say({"fingerprint": fingerprint}, f"The new key's fingerprint is {fingerprint}.", as_json=as_json)


def _open(file: Path, mode: str) -> BinaryIO:
    try:
        return file.open(mode)  # type: ignore[return-value]  # the modes here are binary
    except OSError as error:
        refused = Refused("bad-file", f"{file} cannot be opened: {error.strerror}.", "Name another FILE.")
        raise typer.Exit(explain(refused)) from error
