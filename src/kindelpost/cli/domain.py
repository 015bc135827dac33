"""`kindelpost domain`: the domains of clients and the DNS records to publish for them."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 -- typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindelpost.cli.output import fold, language, say, show_table
from kindelpost.cli.session import Dir, Json, explain, find_instance, session
from kindelpost.cli.waiting import until_ready
from kindelpost.lib.errors import KindelpostError

if TYPE_CHECKING:
    from kindelpost.mail.records import Record
    from kindelpost.tenants.models import Domain

__all__ = ["app"]

app = typer.Typer(help="Domains, and the DNS records to publish for them.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The domain, such as firma.ee.")]


def _row(domain: Domain) -> dict[str, Any]:
    return {"name": domain.name, "client": domain.client.slug, "state": domain.state}


def _record_row(record: Record) -> dict[str, Any]:
    reason = {"et": record.reason_et, "en": record.reason_en}
    return {"name": record.name, "type": record.type, "value": record.value, "reason": reason}


@app.command()
def add(
    name: Name,
    client: Annotated[str, typer.Option("--client", help="Whose it is.")],
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Add a domain to a client."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import create_domain
        from kindelpost.tenants.queries import client_for

        domain = create_domain(client_for(actor, client), name, actor=actor)
        said = "ready" if until_ready(domain) else "being prepared: the worker has not answered yet, see `kindelpost status`"
        say(_row(domain), f"{domain} is {said}.\nNext, publish its records: kindelpost domain show {domain}", as_json=as_json)


@app.command("list")
def list_domains(directory: Dir = None, as_json: Json = False) -> None:
    """List the domains."""
    with session(directory) as actor:
        from kindelpost.tenants.queries import domains_of

        rows = [_row(domain) for domain in domains_of(actor)]
        headings = {"name": "DOMAIN", "client": "CLIENT", "state": "STATE"}
        empty = "No domain yet. Add one: kindelpost domain add DOMAIN --client CLIENT"
        say(rows, show_table(rows, headings, empty=empty), as_json=as_json)


@app.command()
def show(
    name: Name,
    lang: Annotated[str, typer.Option("--lang", help="et or en. Default: the locale's.")] = "",
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Show a domain and each DNS record to publish, with its reason."""
    with session(directory) as actor:
        from kindelpost.sending.queries import dns_records
        from kindelpost.tenants.queries import domain_for

        domain = domain_for(actor, name)
        records = [_record_row(record) for record in dns_records(domain)]
        chosen = language(lang)
        lines = [f"{domain} ({domain.client}), {domain.state}"]
        for record in records:
            lines += ["", f"{record['name']}  {record['type']}", f"  {record['value']}"]
            lines.append(fold(record["reason"][chosen], first="  # ", rest="  # "))
        say({**_row(domain), "records": records}, "\n".join(lines), as_json=as_json)


@app.command()
def certificate(
    name: Name,
    chain: Annotated[Path, typer.Option("--certificate", help="Full chain in PEM.")],
    key: Annotated[Path, typer.Option("--key", help="Its private key in PEM.")],
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Serve a domain's own names (mta-sts, autoconfig, autodiscover) with this certificate from now on."""
    from kindelpost.engines.host import names
    from kindelpost.engines.host.ground import check_root
    from kindelpost.engines.instance import open_instance

    try:
        check_root()
        instance = open_instance(find_instance(directory))
        covered = names.install(instance.layout, instance.service, name, chain, key)
    except KindelpostError as error:
        raise typer.Exit(explain(error)) from error
    missing = [host for host in names.names_of(name)[:-1] if host not in covered]
    lines = [f"Served now: {', '.join(covered)}.", *([f"Not in this certificate: {', '.join(missing)}."] if missing else [])]
    say({"name": name, "served": covered, "missing": missing}, "\n".join(lines), as_json=as_json)


@app.command()
def remove(
    name: Name,
    with_contents: Annotated[bool, typer.Option("--with-contents", help="Also every mailbox and alias in it.")] = False,
    directory: Dir = None,
    as_json: Json = False,
) -> None:
    """Remove a domain. Mail already delivered stays on disk."""
    with session(directory) as actor:
        from kindelpost.tenants.actions import remove_domain
        from kindelpost.tenants.queries import domain_for

        domain = domain_for(actor, name)
        remove_domain(domain, actor=actor, with_contents=with_contents)
        say({**_row(domain), "state": "removed"}, f"{domain} is removed. Its mail stays on disk.", as_json=as_json)
