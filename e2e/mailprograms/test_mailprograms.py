"""A mail program sets itself up from a person's address alone, over verified TLS; other names say nothing (E1, P5.6)."""

from __future__ import annotations

import json
import plistlib
import ssl
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # noqa: S405 -- the service's own text

import pytest

from e2e.mailprograms.asking import Program
from e2e.service import unique
from kindelpost.engines.sts.probe import lookup as ask_sts
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from e2e.mailprograms.asking import Answer
    from e2e.service import Service

DOMAIN, OTHER = "kadakas.example", "pihlakas.example"
OUTLOOK = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"
MAIL, WELL_KNOWN = "/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"
POX, POLICY, PROFILE = "/autodiscover/autodiscover.xml", "/.well-known/mta-sts.txt", "/apple.mobileconfig"
NAMES = ("mta-sts", "autoconfig", "autodiscover")


@pytest.fixture(scope="session")
def program(service: Service) -> Program:
    """Somebody's mail program."""
    return Program(service)


def asking(address: str) -> bytes:
    """What Outlook posts."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\r\n'
        '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">\r\n'
        f"  <Request>\r\n    <EMailAddress>{address}</EMailAddress>\r\n"
        "    <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
        "</AcceptableResponseSchema>\r\n  </Request>\r\n</Autodiscover>\r\n"
    ).encode()


def parsed(answer: Answer) -> ET.Element:
    """An XML document that was served as one."""
    assert (answer.status, answer.kind) == (200, "text/xml"), answer
    return ET.fromstring(answer.body)  # noqa: S314 -- the service's own text


def texts(element: ET.Element, *names: str) -> tuple[str, ...]:
    """The texts of children that must be there."""
    return tuple(element.findtext(name) or "" for name in names)


@pytest.mark.parametrize("v6", [False, True])
@pytest.mark.parametrize("path", [MAIL, WELL_KNOWN, f"{MAIL}?emailaddress=mari%40kadakas.example"])
def test_thunderbird_signs_in_with_exactly_what_it_is_told(
    service: Service, program: Program, mari: str, path: str, *, v6: bool
) -> None:
    root = parsed(program.fetch(f"autoconfig.{DOMAIN}", path, v6=v6))
    assert root.findtext("emailProvider/domain") == DOMAIN
    (incoming,) = root.iter("incomingServer")
    server, port, security, login = texts(incoming, "hostname", "port", "socketType", "username")
    assert (server, security) == (service.name, "SSL")
    assert program.reads(server, int(port), login.replace("%EMAILADDRESS%", mari))
    doors = []
    for outgoing in root.iter("outgoingServer"):
        server, port, security, login = texts(outgoing, "hostname", "port", "socketType", "username")
        with program.sends(server, int(port), login.replace("%EMAILADDRESS%", mari), starttls=security == "STARTTLS") as client:
            assert client.mail(mari)[0] == 250
        doors.append(security)
    assert doors == ["SSL", "STARTTLS"]


def _outlook_signs_in(program: Program, answer: Answer, address: str) -> None:
    told = {}
    for protocol in parsed(answer).iter(f"{OUTLOOK}Protocol"):
        names = (f"{OUTLOOK}{name}" for name in ("Type", "Server", "Port", "LoginName", "Encryption"))
        kind, server, port, login, encryption = texts(protocol, *names)
        told[kind] = (server, int(port), login)
        assert (login, encryption) == (address, "SSL")
    assert program.reads(*told["IMAP"])
    with program.sends(*told["SMTP"]) as client:
        assert client.mail(address)[0] == 250


@pytest.mark.parametrize("path", [POX, "/Autodiscover/Autodiscover.xml"])
def test_outlook_signs_in_with_exactly_what_it_is_told(program: Program, mari: str, path: str) -> None:
    _outlook_signs_in(program, program.fetch(f"autodiscover.{DOMAIN}", path, body=asking(mari)), mari)


def test_outlook_finds_the_settings_by_the_srv_record_too(service: Service, program: Program, mari: str) -> None:
    """Where the client domain's own name has no certificate yet, the service's own answers (RFC 6186's elder cousin)."""
    (record,) = program.look_up(f"_autodiscover._tcp.{DOMAIN}", "SRV")
    _priority, _weight, port, target = record.split()
    assert (int(port), target) == (service.port("portal"), f"{service.name}.")
    _outlook_signs_in(program, program.fetch(service.name, POX, body=asking(mari)), mari)


def test_the_second_form_of_autodiscover_leads_to_the_first(service: Service, program: Program) -> None:
    name = f"autodiscover.{DOMAIN}"
    answer = program.fetch(name, f"/autodiscover/autodiscover.json/v1.0/mari%40{DOMAIN}?Protocol=AutodiscoverV1")
    assert (answer.status, answer.kind) == (200, "application/json")
    url = f"https://{name}:{service.port('portal')}{POX}"
    assert json.loads(answer.body) == {"Protocol": "AutodiscoverV1", "Url": url}
    other = program.fetch(name, "/autodiscover/autodiscover.json?Protocol=ActiveSync")
    assert (other.status, json.loads(other.body)["ErrorCode"]) == (400, "InvalidProtocol")


def test_apple_gets_a_signed_profile_whose_settings_work(service: Service, program: Program, mari: str, tmp_path: Path) -> None:
    answer = program.fetch(f"autoconfig.{DOMAIN}", PROFILE)
    assert (answer.status, answer.kind) == (200, "application/x-apple-aspen-config")
    signed, content, signer = (tmp_path / name for name in ("apple.mobileconfig", "content", "signer.pem"))
    signed.write_bytes(answer.body)
    verify: list[str | Path] = ["openssl", "cms", "-verify", "-inform", "DER", "-in", signed, "-out", content]
    verify += ["-signer", signer, "-CAfile", service.facts.layout.tls("ca") / "ca.pem", "-purpose", "any"]
    run(verify)
    assert f"DNS:autoconfig.{DOMAIN}" in run(["openssl", "x509", "-in", signer, "-noout", "-ext", "subjectAltName"]).out
    (mail,) = plistlib.loads(content.read_bytes())["PayloadContent"]
    assert mail["IncomingMailServerUseSSL"] is mail["OutgoingMailServerUseSSL"] is True
    assert program.reads(mail["IncomingMailServerHostName"], mail["IncomingMailServerPortNumber"], mari)
    with program.sends(mail["OutgoingMailServerHostName"], mail["OutgoingMailServerPortNumber"], mari) as client:
        assert client.mail(mari)[0] == 250
    # the negative twin: a changed profile verifies no more
    signed.write_bytes(answer.body.replace(service.name.encode(), service.name[::-1].encode()))
    assert run(verify, check=False).code != 0


def test_srv_records_lead_to_doors_that_open(program: Program, mari: str) -> None:
    found = {name: program.look_up(f"_{name}._tcp.{DOMAIN}", "SRV") for name in ("imaps", "submissions", "submission", "sieve")}
    where = {
        name: (target.rstrip("."), int(port)) for name, (record,) in found.items() for port, target in [record.split()[2:]]
    }
    assert program.reads(*where["imaps"], mari)
    for name in ("submissions", "submission"):
        with program.sends(*where[name], mari, starttls=name == "submission") as client:
            assert client.mail(mari)[0] == 250
    with program.connect(*where["sieve"]) as sieve:
        assert b"IMPLEMENTATION" in sieve.recv(4096)
    for name in ("imap", "pop3", "pop3s"):
        assert program.look_up(f"_{name}._tcp.{DOMAIN}", "SRV") == ["0 0 0 ."]


def test_the_mta_sts_policy_is_fetched_as_the_standard_asks(service: Service, program: Program) -> None:
    """RFC 8461 §3.3: 200, text/plain, no redirect, a certificate of the policy host; its mx are those of DNS (P5.6)."""
    answer = program.fetch(f"mta-sts.{DOMAIN}", POLICY)
    assert (answer.status, answer.kind, answer.headers.get("location")) == (200, "text/plain", None)
    lines = [line.split(": ") for line in answer.body.decode().split("\r\n") if line]
    policy = {name: value for name, value in lines if name != "mx"}
    assert (policy["version"], policy["mode"], int(policy["max_age"]) >= 604_800) == ("STSv1", "enforce", True)
    exchangers = [record.split()[1].rstrip(".") for record in program.look_up(DOMAIN, "MX")]
    assert [value for name, value in lines if name == "mx"] == exchangers == [service.name]
    assert program.look_up(f"_mta-sts.{DOMAIN}", "TXT")[0].startswith('"v=STSv1; id=')
    assert ask_sts(service.facts, "sts.example").startswith("OK secure match=")


def _eventually(said: Callable[[], object], wanted: object, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while (now := said()) != wanted:
        assert time.monotonic() < end, f"{now} instead of {wanted}"
        time.sleep(0.2)


def _statuses(program: Program, domain: str) -> dict[str, int | str]:
    """What each name of a domain answers: a status, or that there is no handshake."""
    asked = {
        f"mta-sts.{domain}": (POLICY, None),
        f"autoconfig.{domain}": (MAIL, None),
        f"autodiscover.{domain}": (POX, asking(f"keegi@{domain}")),
    }
    return {name: _status(program, name, path, body) for name, (path, body) in asked.items()} | {
        "profile": _status(program, f"autoconfig.{domain}", PROFILE)
    }


def _status(program: Program, name: str, path: str, body: bytes | None = None) -> int | str:
    if not program.look_up(name, "A"):
        return "not in DNS yet"  # a name that was not there is remembered for a second
    try:
        return program.fetch(name, path, body=body).status
    except ssl.SSLError:
        return "no handshake"


def test_a_new_domain_is_served_within_seconds_and_a_removed_one_is_not(service: Service, program: Program) -> None:
    domain = f"{unique('uus')}.example"
    before = service.json("status")["engines"]
    service.cli("domain", "add", domain, "--client", "kadakas")
    program.publish(domain)
    _eventually(lambda: set(_statuses(program, domain).values()), {200})
    who = service.mailbox(domain)
    _outlook_signs_in(program, program.fetch(f"autodiscover.{domain}", POX, body=asking(who)), who)
    service.cli("domain", "remove", domain, "--with-contents")
    _eventually(lambda: set(_statuses(program, domain).values()), {"no handshake"})
    left = [path.name for path in service.facts.layout.root.glob("*/nginx/**/*") if domain in path.name]
    assert not left
    since = {engine["name"]: engine["since"] for engine in service.json("status")["engines"]}
    assert since["nginx"] == next(engine["since"] for engine in before if engine["name"] == "nginx")


@pytest.mark.parametrize("name", ["nobody.example", "autoconfig.nobody.example", "mta-sts.nobody.example", "KADAKAS.example"])
def test_a_name_that_is_nobodys_gets_no_handshake(program: Program, name: str) -> None:
    with pytest.raises(ssl.SSLError, match="alert"):
        program.fetch(name, MAIL, sni=name)


def test_the_handshakes_name_decides_and_another_in_host_is_misdirected(service: Service, program: Program) -> None:
    """RFC 9110 §15.5.20. Without SNI, or with the service's own, nothing of a client's is said."""
    mine, other = f"autoconfig.{DOMAIN}", f"autoconfig.{OTHER}"
    assert program.fetch(mine, MAIL, sni=mine).status == 200
    for sni in (other, f"mta-sts.{DOMAIN}", DOMAIN, service.name, ""):
        assert program.fetch(mine, MAIL, sni=sni).status == 421, sni
    assert program.fetch(service.name, MAIL).status == 404
    assert program.fetch("", MAIL, sni="", shown_as="203.0.113.1").status == 404
    assert program.fetch("autoconfig.", MAIL, sni="autoconfig.").status == 404  # no domain: the service itself answers


def test_a_certificate_is_for_its_own_domains_names_alone(service: Service, program: Program) -> None:
    for domain, stranger in ((DOMAIN, OTHER), (OTHER, DOMAIN)):
        plain = program.connect(service.name, service.port("portal"))
        with service.context.wrap_socket(plain, server_hostname=f"autoconfig.{domain}") as secure:
            shown = secure.getpeercert() or {}
        names = {str(pair[1]) for pair in shown["subjectAltName"]}
        assert names == {domain, *(f"{name}.{domain}" for name in NAMES)}
        assert not [name for name in names if stranger in name]


TRICKS = (
    f"/mail/../../../maps/nginx/autoconfig/{OTHER}.xml",
    "/mail/%2e%2e/%2e%2e/tls/nginx/kadakas.example.pem",
    "/.well-known/autoconfig/mail/../../../nginx.conf",
    f"/mail/config-v1.1.xml/../{OTHER}.xml",
    "/.autodiscover",
    "/.read",
    "/mail/",
    "/",
    "//etc/passwd",
)


@pytest.mark.parametrize("path", TRICKS)
def test_no_path_leads_anywhere_else(program: Program, path: str) -> None:
    answer = program.fetch(f"autoconfig.{DOMAIN}", path)
    assert answer.status in {400, 404}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert OTHER.encode() not in answer.body


POSTED = {
    "another domain's": asking(f"piret@{OTHER}"),
    "markup": asking(f"<b>mari</b>@{DOMAIN}"),
    "an entity": asking(f"mari&amp;x@{DOMAIN}"),
    "a path": asking(f"../../x@{DOMAIN}"),
    "no address": b"<Autodiscover/>",
    "nothing": b"",
    "noise": bytes(range(256)) * 8,
    "an endless address": asking("a" * 5000 + f"@{DOMAIN}"),
    "a thousand addresses": b"<EMailAddress>" * 1000,
}


@pytest.mark.parametrize("body", POSTED.values(), ids=list(POSTED))
def test_outlook_is_told_nothing_where_no_address_of_the_domain_was_asked_for(program: Program, body: bytes) -> None:
    answer = program.fetch(f"autodiscover.{DOMAIN}", POX, body=body)
    root = parsed(answer)
    assert not list(root.iter(f"{OUTLOOK}Protocol"))
    assert [element.text for element in root.iter() if element.tag.endswith("ErrorCode")] == ["600"]
    assert b"LOCALPART" not in answer.body


def test_a_get_of_what_is_posted_shows_no_unfinished_document(service: Service, program: Program) -> None:
    for name in (f"autodiscover.{DOMAIN}", service.name):
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            assert b"LOCALPART" not in program.fetch(name, POX, method=method).body
    assert program.fetch(service.name, POX, body=asking("keegi@nobody.example")).status == 404


@pytest.mark.parametrize("name", [f"autodiscover.{DOMAIN}", ""])
def test_a_huge_post_is_refused_unread(service: Service, program: Program, name: str) -> None:
    answer = program.fetch(name or service.name, POX, body=asking("x" * 40_000))
    assert answer.status == 413


def test_keys_of_client_domains_open_for_the_web_server_alone(service: Service) -> None:
    rows = service.json("check", "M3.5", "M3.2", "M3.3", check=False)
    assert {row["verdict"] for row in rows} == {"pass"}, rows
