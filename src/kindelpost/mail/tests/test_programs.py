"""What mail programs are told: the doors with TLS alone, the whole address as the login, nothing that a name could break."""

from __future__ import annotations

import plistlib
from xml.etree import ElementTree as ET  # noqa: S405 -- our own text

import pytest

from kindelpost.mail.programs import LOCAL_PART, Doors, apple_profile, autoconfig, autodiscover

DOORS = Doors("mail.provider.test", "Provider & Sons <OÜ>", 993, 465, 587, 4190)
OUTLOOK = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"


def test_thunderbird_is_told_imap_and_both_submission_doors_with_tls() -> None:
    root = ET.fromstring(autoconfig("firma.ee", DOORS))  # noqa: S314 -- our own text
    assert root.findtext("emailProvider/domain") == "firma.ee"
    assert root.findtext("emailProvider/displayName") == DOORS.provider
    servers = [
        (one.get("type"), *(one.findtext(name) for name in ("hostname", "port", "socketType", "username")))
        for one in root.iter()
        if one.tag in {"incomingServer", "outgoingServer"}
    ]
    assert servers == [
        ("imap", "mail.provider.test", "993", "SSL", "%EMAILADDRESS%"),
        ("smtp", "mail.provider.test", "465", "SSL", "%EMAILADDRESS%"),
        ("smtp", "mail.provider.test", "587", "STARTTLS", "%EMAILADDRESS%"),
    ]


def test_outlook_is_told_the_login_of_whoever_asks() -> None:
    root = ET.fromstring(autodiscover("firma.ee", DOORS).replace(LOCAL_PART, "mari"))  # noqa: S314 -- our own text
    told = {
        protocol.findtext(f"{OUTLOOK}Type"): [
            protocol.findtext(f"{OUTLOOK}{name}") for name in ("Server", "Port", "LoginName", "Encryption", "AuthRequired")
        ]
        for protocol in root.iter(f"{OUTLOOK}Protocol")
    }
    assert told == {
        "IMAP": ["mail.provider.test", "993", "mari@firma.ee", "SSL", "on"],
        "SMTP": ["mail.provider.test", "465", "mari@firma.ee", "SSL", "on"],
    }


def test_apple_is_told_the_doors_and_asks_the_person_for_the_rest() -> None:
    profile = plistlib.loads(apple_profile("firma.ee", DOORS))
    (mail,) = profile["PayloadContent"]
    assert (mail["IncomingMailServerHostName"], mail["IncomingMailServerPortNumber"]) == ("mail.provider.test", 993)
    assert (mail["OutgoingMailServerHostName"], mail["OutgoingMailServerPortNumber"]) == ("mail.provider.test", 465)
    assert mail["IncomingMailServerUseSSL"] is mail["OutgoingMailServerUseSSL"] is True
    assert not {"EmailAddress", "IncomingMailServerUsername", "IncomingPassword", "OutgoingPassword"} & set(mail)
    assert set(profile["ConsentText"]) == {"default", "et"}


def test_a_profile_replaces_an_earlier_one_of_its_domain_and_no_other() -> None:
    moved = Doors("mx.provider.test", "Provider", 993, 465, 587, 4190)
    first, again, other = (
        plistlib.loads(apple_profile(domain, doors))
        for domain, doors in (("firma.ee", DOORS), ("firma.ee", moved), ("teine.ee", DOORS))
    )
    for name in ("PayloadIdentifier", "PayloadUUID"):
        assert first[name] == again[name] != other[name]


@pytest.mark.parametrize("text", [autoconfig("firma.ee", DOORS), autodiscover("firma.ee", DOORS)])
def test_nothing_tells_of_a_door_without_tls_or_of_pop3(text: str) -> None:
    assert "POP3" not in text.upper()
    assert ">off</SSL>" not in text
    assert "plain<" not in text
    assert not [port for port in ("143", "110", "25") if f">{port}<" in text]
