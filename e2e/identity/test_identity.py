"""P6, inside and inbound: nobody sends in another's name. Each refusal has a positive twin: a closed door proves nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from e2e.service import letter, transact, unique
from kindelpost.engines.outside.hosts import STRANGER
from kindelpost.lib.clock import now

if TYPE_CHECKING:
    from e2e.service import Service

TO = "bob@outside.example"
DOORS = ("submissions", "submission")


def raw(*headers: str, to: str = TO) -> bytes:
    """A message with exactly these headers besides To, Subject, Date and Message-ID."""
    own = [
        *headers,
        f"To: {to}",
        f"Subject: {unique()}",
        "Date: Tue, 24 Nov 2026 10:00:00 +0200",
        f"Message-ID: <{unique()}@x.example>",
    ]
    return ("\r\n".join(own) + "\r\n\r\nTere!\r\n").encode()


def refused(service: Service, login: str, sender: str, content: bytes, door: str = "submissions") -> None:
    """Assert that the door refuses for good, as 5xx with an enhanced code of 5.7.1 or 5.1.x."""
    code, words = service.submit(login, sender, TO, content, door=door)
    assert code // 100 == 5, f"{code} {words}"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("other", ["same client", "other client", "outside", "nobody"])
def test_an_envelope_sender_that_is_not_owned_is_refused(
    service: Service, mari: str, jaan: str, piret: str, door: str, other: str
) -> None:
    sender = {"same client": jaan, "other client": piret, "outside": TO, "nobody": "keegi@kadakas.example"}[other]
    code, words = service.submit(mari, sender, TO, letter(mari, TO), door=door)
    assert code == 553, words


@pytest.mark.parametrize("door", DOORS)
def test_ones_own_address_is_accepted(service: Service, mari: str, door: str) -> None:
    """P6.2."""
    code, words = service.submit(mari, mari, TO, letter(mari, TO), door=door)
    assert code == 250, words


HEADERS = {
    "another's From": "From: {b}",
    "another client's From": "From: {c}",
    "an outside From": "From: bob@outside.example",
    "two addresses, own first": "From: {a}, {b}",
    "two addresses, own last": "From: {b}, {a}",
    "group": "From: Kadakas: {b};",
    "group with own": "From: Kadakas: {a}, {b};",
    "empty group": "From: undisclosed:;",
    "two From headers": "From: {a}\r\nFrom: {b}",
    "two From headers, own last": "From: {b}\r\nFrom: {a}",
    "folded second From": "From: {a}\r\nfrom : {b}",
    "quoted display trick": 'From: "{b}" <{a}>',
    "display trick with brackets": 'From: "Jaan <{b}>" <{a}>',
    "encoded-word trick": "From: =?utf-8?B?{b64}?= <{a}>",
    "comment trick": "From: ({b}) {a}",
    "trailing comment": "From: {a} ({b})",
    "two angles": "From: <{a}> <{b}>",
    "route": "From: <@kadakas.example:{b}>",
    "no address": "From: Mari",
    "empty From": "From: ",
    "missing From": "X-Nothing: here",
    "another's Sender": "From: {a}\r\nSender: {b}",
    "two Senders": "From: {a}\r\nSender: {a}\r\nSender: {b}",
    "another's Resent-From": "From: {a}\r\nResent-From: {b}",
    "another's Resent-Sender": "From: {a}\r\nResent-From: {a}\r\nResent-Sender: {b}",
    "space before the colon": "From: {a}\r\nFrom : {b}",
    "continuation as the first line": " From: {b}\r\nFrom: {a}",
    "bare line feed in a header": "From: {a}\r\nX-A: b\nFrom: {b}",
    "bare carriage return in From": "From: {a}\rFrom: {b}",
    "full-width at": 'From: "{wide}" <{a}>',
    "zero-width space": 'From: "{b}\u200b" <{a}>',
    "padding beyond the header's limit": "From: {a} ({pad}) {b}",
    "beyond the header's limit": "From: {a}\r\nX-Long: {pad}\r\nFrom: {b}",
    "another's tag": "From: {tagged}",
    "spaces around the at": 'From: "{spaced}" <{a}>',
    "NUL-like separator": "From: {a}\x0b{b}",
    "unicode look-alike local part": "From: {look}",
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_that_names_somebody_else_is_refused(service: Service, mari: str, jaan: str, piret: str, case: str) -> None:
    from base64 import b64encode  # noqa: PLC0415 -- only this case

    forms = {
        "b64": b64encode(jaan.encode()).decode(),
        "look": mari.replace("a", "\N{CYRILLIC SMALL LETTER A}"),
        "wide": jaan.replace("@", "\N{FULLWIDTH COMMERCIAL AT}"),
        "spaced": jaan.replace("@", " @ "),
        "tagged": jaan.replace("@", f"+{mari.partition('@')[0]}@"),
        "pad": "x" * 110_000,
    }
    header = HEADERS[case].format(a=mari, b=jaan, c=piret, **forms)
    refused(service, mari, mari, raw(header))


@pytest.mark.parametrize("door", DOORS)
def test_the_null_sender_gives_no_right_to_anothers_from(service: Service, mari: str, jaan: str, door: str) -> None:
    refused(service, mari, "", raw(f"From: {jaan}"), door)


@pytest.mark.parametrize(
    "header",
    [
        "From: {a}",
        "From: Mari Mets <{a}>",
        'From: "Mets, Mari" <{a}>',
        "From: =?utf-8?Q?M=C3=A4rt_M=C3=A4nd?= <{a}>",
        "From: {a} (Mari)",
        "From: Mari\r\n <{a}>",
        "From: {A}",
        "From: {a}\r\nSender: {a}",
        "From: {a}\r\nResent-From: {a}",
    ],
)
def test_ones_own_name_in_every_honest_form_is_accepted(service: Service, mari: str, header: str) -> None:
    """P6.2: the rule is strict, not deaf."""
    code, words = service.submit(mari, mari, TO, raw(header.format(a=mari, A=mari.upper())))
    assert code == 250, words


def test_an_alias_is_its_owners_alone(service: Service, mari: str, jaan: str) -> None:
    alias = f"{unique('info')}@kadakas.example"
    service.cli("alias", "add", alias, "--to", mari, "--to", jaan, "--owner", mari)
    assert service.submit(mari, alias, TO, letter(alias, TO))[0] == 250
    assert service.submit(jaan, alias, TO, letter(alias, TO))[0] == 553
    refused(service, jaan, jaan, raw(f"From: {alias}"))


def test_an_alias_without_an_owner_is_nobodys(service: Service, mari: str) -> None:
    alias = f"{unique('kõik')}@kadakas.example".replace("õ", "o")
    service.cli("alias", "add", alias, "--to", mari)
    assert service.submit(mari, alias, TO, letter(alias, TO))[0] == 553


def test_a_grant_lets_one_mailbox_send_as_another_until_it_is_revoked(service: Service) -> None:
    boss, help_desk = service.mailbox(), service.mailbox()
    assert service.submit(help_desk, boss, TO, letter(boss, TO))[0] == 553
    until = (now() + timedelta(days=30)).date().isoformat()
    service.cli("send-as", "grant", help_desk, boss, "--reason", "vastab kirjadele", "--until", until)
    assert service.submit(help_desk, boss, TO, letter(boss, TO))[0] == 250
    assert service.submit(help_desk, help_desk, TO, raw(f"From: {boss}"))[0] == 250
    assert service.submit(boss, help_desk, TO, letter(help_desk, TO))[0] == 553, "a grant has one direction"
    service.cli("send-as", "revoke", help_desk, boss)
    assert service.submit(help_desk, boss, TO, letter(boss, TO))[0] == 553
    refused(service, help_desk, help_desk, raw(f"From: {boss}"))


def test_a_grant_needs_a_reason_and_an_end_and_stays_inside_one_client(
    service: Service, mari: str, jaan: str, piret: str
) -> None:
    until = (now() + timedelta(days=30)).date().isoformat()
    assert service.cli("send-as", "grant", mari, jaan, "--until", until, check=False).code != 0
    assert service.cli("send-as", "grant", mari, jaan, "--reason", "töö", check=False).code != 0
    assert service.cli("send-as", "grant", mari, piret, "--reason", "töö", "--until", until, check=False).code == 1


def test_a_removed_mailbox_neither_signs_in_nor_sends(service: Service) -> None:
    address = service.mailbox()
    assert service.submit(address, address, TO, letter(address, TO))[0] == 250
    service.cli("mailbox", "remove", address)
    with pytest.raises(Exception, match=r"(?i)authentication|535"), service.submission(address):
        pass


@pytest.mark.parametrize("who", ["From and envelope", "From alone", "envelope alone", "subdomain"])
def test_outside_mail_in_a_hosted_domains_name_is_refused(service: Service, mari: str, jaan: str, who: str) -> None:
    """P6.7: no login, no aligned pass: refused for good, whatever DNS says; the whole subdomain tree too (T12)."""
    sender, header = {
        "From and envelope": (jaan, jaan),
        "From alone": ("alice@outside.example", jaan),
        "envelope alone": (jaan, "alice@outside.example"),
        "subdomain": ("alice@outside.example", "ceo@arve.kadakas.example"),
    }[who]
    for source in (STRANGER, 2):
        code, words = service.deliver(sender, mari, letter(header, mari), source=source)
        assert code // 100 == 5, f"{source}: {code} {words}"
        assert "5.7.1" in words or "5.1.0" in words, words


def test_a_display_name_is_no_claim_when_the_address_is_the_senders_own(service: Service, mari: str) -> None:
    """The positive twin: an honest outsider is heard."""
    code, words = service.deliver("alice@outside.example", mari, letter("Alice <alice@outside.example>", mari))
    assert code == 250, words


def test_a_client_never_gets_anothers_signature(service: Service, mari: str) -> None:
    """P6.3: what leaves for one client carries only d= of its own domain."""
    subject = unique()
    assert service.submit(mari, mari, TO, letter(mari, TO, subject))[0] == 250
    got = service.sunk(subject)
    assert got is not None
    signatures = [part.split(b"d=", 1)[1].split(b";", 1)[0].strip() for part in got.content.split(b"DKIM-Signature:")[1:]]
    assert signatures == [b"kadakas.example"] * 2


def test_no_network_is_trusted(service: Service) -> None:
    """P6.4: what runs, not what we wrote."""
    etc = service.facts.layout.etc("postfix")
    from kindelpost.lib.run import run  # noqa: PLC0415 -- only this test

    shown = run([
        "postconf",
        "-c",
        etc,
        "-h",
        "mynetworks",
        "smtpd_forbid_bare_newline_exclusions",
        "smtpd_authorized_xclient_hosts",
    ]).out
    assert not shown.strip()


def test_the_internal_doors_ask_for_their_own_login(service: Service, mari: str) -> None:
    """A mailbox's login does not open the doors that Sieve and forwards use."""
    import smtplib  # noqa: PLC0415 -- from loopback on purpose: that is where these doors are

    for door in ("sieve-out", "forward-out"):
        with smtplib.SMTP("127.0.0.1", service.port(door), timeout=30) as client:
            client.ehlo()
            code, _words = transact(client, mari, [TO], letter(mari, TO))
            assert code // 100 == 5
            client.login(mari, service.known[mari])
            code, _words = transact(client, mari, [TO], letter(mari, TO))
            assert code // 100 == 5
