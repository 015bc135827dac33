"""The evaluation's two example clients, their mailboxes, and sample mail: what becomes of good and of bad messages."""

from __future__ import annotations

import email.message
import email.policy
import email.utils
import imaplib
import json
import secrets
import smtplib
import ssl
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from kindelpost.cli.output import fold
from kindelpost.cli.session import Dir, session
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kindelpost.engines.instance import Instance
    from kindelpost.engines.outside.world import World

__all__ = ["CLIENTS", "how_to_log_in", "logins", "publish", "seed", "send_samples"]

# client → (its name, its domain, its mailboxes); .example is nobody's (RFC 2606)
CLIENTS = {
    "kadakas": ("Kadakas OÜ", "kadakas.example", ("mari", "jaan")),
    "pihlakas": ("MTÜ Pihlakas", "pihlakas.example", ("piret",)),
}
LOGINS = "example-logins.json"
OPERATOR = "operator"
# Each split in two, so that a scanner that reads this file finds nothing.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

app = typer.Typer()


@app.callback()
def only() -> None:
    """Part of `kindelpost up`."""


def logins(instance: Instance) -> dict[str, str]:
    """Address → password of the example mailboxes; made once, kept where root alone reads them."""
    path = instance.layout.root / LOGINS
    if not path.exists():
        addresses = [f"{local}@{domain}" for _name, domain, locals_ in CLIENTS.values() for local in locals_]
        made = {address: secrets.token_urlsafe(15) for address in addresses}
        write_atomic(path, json.dumps(made, indent=1), mode=0o600)
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return kept


@app.command()
def seed(directory: Dir = None) -> None:
    """Make the example clients where there is no client yet; prints every domain's DNS records as JSON."""
    passwords: dict[str, str] = json.load(sys.stdin)
    with session(directory, wait=False) as actor:
        from kindelpost.journal.actor import SYSTEM
        from kindelpost.sending.queries import dns_records
        from kindelpost.tenants.queries import clients_of, domains_of

        if not clients_of(actor).exists():
            _make(passwords, actor)
        records = {
            domain.name: [(record.name, record.type, record.value) for record in dns_records(domain)]
            for domain in domains_of(SYSTEM)  # the service's own too: its mail tries the service
        }
        sys.stdout.write(json.dumps(records))


@app.command()
def operator(directory: Dir = None) -> None:
    """The first person of the provider: as JSON, where the portal is and, until it was used, a one-time link."""
    with session(directory, wait=False) as actor:
        from django.conf import settings

        from kindelpost.accounts import actions
        from kindelpost.accounts.queries import has_second_factor, people_of
        from kindelpost.cli.person import link_of

        lines = ["", f"Portal: {settings.SERVICE.portal_url}/"]
        first = people_of(actor).filter(space="provider", login=OPERATOR).first()
        if first is None and not people_of(actor).filter(space="provider").exists():
            first = actions.add_person("provider", OPERATOR, "Operator", actor=actor)
        if first and not has_second_factor(first) and not first.has_usable_password():
            lines += [
                f"Set up the sign-in of {OPERATOR}, once, within 48 hours:",
                link_of(actions.enrol_person(first, actor=actor)),
            ]
        sys.stdout.write(json.dumps(lines))


def _make(passwords: Mapping[str, str], actor: Any) -> None:  # noqa: ANN401 -- Actor lives in a room that needs Django
    from django.conf import settings

    from kindelpost.cli.waiting import until_ready
    from kindelpost.tenants import actions

    for slug, (name, domain_name, locals_) in CLIENTS.items():
        client = actions.create_client(slug, name, actor=actor)
        domain = actions.create_domain(client, domain_name, actor=actor)
        until_ready(domain)
        for local in locals_:
            password = passwords[f"{local}@{domain_name}"]
            quota = settings.SERVICE.quota.default_bytes
            until_ready(actions.create_mailbox(domain, local, password=password, quota_bytes=quota, actor=actor))


def publish(world: World, records: Mapping[str, list[tuple[str, str, str]]]) -> None:
    """Say the clients' records in the outside world's DNS, as each client would at its own DNS host."""
    said: dict[tuple[str, str], list[str]] = {}
    for rows in records.values():
        for name, kind, value in rows:
            said.setdefault((name, kind), []).append(value)
    for (name, kind), values in said.items():
        world.set(name, kind, values)
    world.publish()


@dataclass(frozen=True)
class Sample:
    """A message to show: what it is, envelope sender, header From, body, from which host of the outside world, and its fate."""

    what: str
    sender: str
    header: str
    body: str
    host: int
    signed: bool = False
    refused: bool = True


def _samples() -> tuple[Sample, ...]:
    from kindelpost.engines.outside.hosts import GOOD, STRANGER

    alice = "alice@outside.example"
    return (
        Sample("clean", alice, alice, "Tere!\n", GOOD, refused=False),
        Sample("signed by its sender", alice, alice, "Tere!\n", GOOD, signed=True, refused=False),
        Sample("a virus (EICAR)", alice, alice, f"{EICAR}\n", GOOD),
        Sample("spam (GTUBE)", alice, alice, f"{GTUBE}\n", GOOD),
        Sample("forged in a client's name", "jaan@kadakas.example", "jaan@kadakas.example", "Maksa arve!\n", STRANGER),
        Sample("forged, its domain asks p=reject", "ceo@reject.example", "ceo@reject.example", "Maksa arve!\n", STRANGER),
    )


def send_samples(instance: Instance, passwords: Mapping[str, str]) -> Iterator[str]:
    """Send each sample from outside to the first example mailbox; yields a line for each: what became of it.

    Raises `EngineFault` (`sample-fate`) at the end when one was neither delivered nor refused for good as it should be.
    """
    to = next(iter(passwords))
    wrong = []
    yield ""
    yield f"Sample mail from outside to {to}:"
    for sample in _samples():
        subject = f"Kindelpost sample: {sample.what} {secrets.token_hex(4)}"
        code, words = _send(instance, sample, to, subject)
        became = f"refused: {code} {words}" if code != 250 else _where(instance, to, passwords[to], subject)  # noqa: PLR2004 -- RFC 5321 §4.2
        wrong += [sample.what] if code // 100 != (5 if sample.refused else 2) else []  # a 4xx is no verdict
        yield fold(became, first=f"  {sample.what:33} ")
    if wrong:
        raise EngineFault(
            "sample-fate", f"Not what should become of sample mail: {', '.join(wrong)}.", "See `kindelpost status` and log/."
        )


def _send(instance: Instance, sample: Sample, to: str, subject: str) -> tuple[int, str]:
    from kindelpost.engines.outside.client import Client
    from kindelpost.engines.outside.namespace import host

    outside = instance.facts.outside
    assert outside is not None  # noqa: S101 -- samples are sent only where there is an outside world
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = sample.header, to, subject
    message["Date"], message["Message-ID"] = email.utils.formatdate(), email.utils.make_msgid(domain="outside.example")
    message.set_content(sample.body)
    raw = message.as_bytes()
    if sample.signed:
        raw = _signed(instance, raw)
    own = host(outside, sample.host).v4
    try:
        with Client(
            outside.namespace, outside.service_v4, instance.facts.port("mx"), source=own, helo="good.outside.example"
        ) as mx:
            mx.sendmail(sample.sender, [to], raw)
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = refused.recipients[to]
        return code, said.decode(errors="replace")
    except smtplib.SMTPResponseException as refusal:
        words = refusal.smtp_error
        return refusal.smtp_code, words.decode(errors="replace") if isinstance(words, bytes) else words
    return 250, ""


def _signed(instance: Instance, raw: bytes) -> bytes:
    """Signed by outside.example with a key that its DNS shows from now on."""
    import dkim as dkimpy

    from kindelpost.engines.outside.world import World
    from kindelpost.mail import dkim

    key = dkim.make_private_key("rsa")
    world = World(instance.facts)
    world.set("sample._domainkey.outside.example", "TXT", dkim.record_text(key))
    world.publish()
    signature: bytes = dkimpy.sign(
        raw, b"sample", b"outside.example", key.encode(), include_headers=[b"From", b"To", b"Subject"]
    )
    return signature + raw


def _where(instance: Instance, login: str, password: str, subject: str) -> str:
    """In which folder the message is, within ten seconds."""
    host = str(instance.service.listen.addresses[0])
    context = ssl.create_default_context(cafile=str(instance.ca))
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with imaplib.IMAP4_SSL(host, instance.facts.port("imaps"), ssl_context=context, timeout=10) as client:
            client.login(login, password)
            for folder in ("INBOX", "Junk"):
                client.select(folder, readonly=True)
                if client.search(None, "SUBJECT", f'"{subject}"')[1][0]:
                    return f"delivered to {folder}"
        time.sleep(0.2)
    raise EngineFault(
        "sample-lost", "A sample message was accepted and is in no folder.", "See log/mail.log and log/dovecot.log."
    )


def how_to_log_in(instance: Instance, passwords: Mapping[str, str]) -> Iterator[str]:
    """What a mail program needs."""
    host = instance.service.listen.addresses[0]
    yield ""
    yield f"Log in by IMAP: {host} port {instance.facts.port('imaps')}, TLS"
    yield f"  {'trust the authority':26} {instance.ca}"
    for address, password in passwords.items():
        yield f"  {address:26} {password}"


if __name__ == "__main__":
    app()
