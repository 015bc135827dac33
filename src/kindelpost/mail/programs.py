"""What tells a mail program its settings: Thunderbird's autoconfig, Outlook's autodiscover, Apple's profile. Pure text.

IMAP over TLS, submission over TLS and, second, with STARTTLS (RFC 8314 §3); never POP3, never a door without TLS (R01).
The login is the whole address. No password is ever in them.
"""

from __future__ import annotations

import plistlib
from dataclasses import dataclass
from html import escape
from uuid import NAMESPACE_DNS, uuid5

__all__ = ["AUTODISCOVER", "LOCAL_PART", "Doors", "apple_profile", "autoconfig", "autodiscover"]

# The web server puts the asker's own local part here: without a login name, Outlook takes only what is before the @.
LOCAL_PART = "%LOCALPART%"
AUTODISCOVER = "http://schemas.microsoft.com/exchange/autodiscover"


@dataclass(frozen=True)
class Doors:
    """Where a mail program finds the service, and whose it is."""

    hostname: str
    provider: str
    imaps: int
    submissions: int
    submission: int
    managesieve: int


def autoconfig(domain: str, doors: Doors) -> str:
    """config-v1.1.xml of Thunderbird and its kin; the program itself puts the address in."""
    smtp = (
        _server("outgoingServer", "smtp", doors.hostname, doors.submissions, "SSL"),
        _server("outgoingServer", "smtp", doors.hostname, doors.submission, "STARTTLS"),
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<clientConfig version="1.1">\n'
        f'  <emailProvider id="{escape(domain)}">\n'
        f"    <domain>{escape(domain)}</domain>\n"
        f"    <displayName>{escape(doors.provider)}</displayName>\n"
        f"    <displayShortName>{escape(domain)}</displayShortName>\n"
        f"{_server('incomingServer', 'imap', doors.hostname, doors.imaps, 'SSL')}"
        f"{''.join(smtp)}"
        "  </emailProvider>\n"
        "</clientConfig>\n"
    )


def _server(element: str, kind: str, host: str, port: int, security: str) -> str:
    return (
        f'    <{element} type="{kind}">\n'
        f"      <hostname>{escape(host)}</hostname>\n"
        f"      <port>{port}</port>\n"
        f"      <socketType>{security}</socketType>\n"
        "      <username>%EMAILADDRESS%</username>\n"
        "      <authentication>password-cleartext</authentication>\n"  # cleartext inside TLS: the format knows no other word
        f"    </{element}>\n"
    )


def autodiscover(domain: str, doors: Doors) -> str:
    """Outlook's answer (POX), with `LOCAL_PART` where the asker's local part belongs."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<Autodiscover xmlns="{AUTODISCOVER}/responseschema/2006">\n'
        f'  <Response xmlns="{AUTODISCOVER}/outlook/responseschema/2006a">\n'
        "    <Account>\n"
        "      <AccountType>email</AccountType>\n"
        "      <Action>settings</Action>\n"
        f"{_protocol('IMAP', domain, doors.hostname, doors.imaps)}"
        f"{_protocol('SMTP', domain, doors.hostname, doors.submissions)}"
        "    </Account>\n"
        "  </Response>\n"
        "</Autodiscover>\n"
    )


def _protocol(kind: str, domain: str, host: str, port: int) -> str:
    smtp = "        <UsePOPAuth>on</UsePOPAuth>\n        <SMTPLast>off</SMTPLast>\n" if kind == "SMTP" else ""
    return (
        "      <Protocol>\n"
        f"        <Type>{kind}</Type>\n"
        f"        <Server>{escape(host)}</Server>\n"
        f"        <Port>{port}</Port>\n"
        "        <DomainRequired>off</DomainRequired>\n"
        f"        <LoginName>{LOCAL_PART}@{escape(domain)}</LoginName>\n"
        "        <SPA>off</SPA>\n"
        "        <SSL>on</SSL>\n"
        "        <Encryption>SSL</Encryption>\n"
        "        <AuthRequired>on</AuthRequired>\n"
        f"{smtp}"
        "      </Protocol>\n"
    )


def apple_profile(domain: str, doors: Doors) -> bytes:
    """A configuration profile (plist), not signed yet; the device asks for address, name and password when it installs it.

    The identifiers follow from the domain, so that a later profile replaces an earlier one.
    """
    described = f"{domain} ({doors.provider})"
    mail = {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{_reversed(domain)}.kindelpost.mail",
        "PayloadUUID": _uuid(domain, "mail"),
        "PayloadDisplayName": described,
        "EmailAccountDescription": domain,
        "EmailAccountType": "EmailTypeIMAP",
        "IncomingMailServerAuthentication": "EmailAuthPassword",
        "IncomingMailServerHostName": doors.hostname,
        "IncomingMailServerPortNumber": doors.imaps,
        "IncomingMailServerUseSSL": True,
        "OutgoingMailServerAuthentication": "EmailAuthPassword",
        "OutgoingMailServerHostName": doors.hostname,
        "OutgoingMailServerPortNumber": doors.submissions,
        "OutgoingMailServerUseSSL": True,
        "OutgoingPasswordSameAsIncomingPassword": True,
    }
    return plistlib.dumps({
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{_reversed(domain)}.kindelpost",
        "PayloadUUID": _uuid(domain, "profile"),
        "PayloadDisplayName": described,
        "PayloadOrganization": doors.provider,
        "PayloadDescription": f"E-posti seaded: {domain} / Mail settings: {domain}",
        "PayloadRemovalDisallowed": False,
        "ConsentText": {
            "default": f"Sets up mail for {domain}. As the user name, enter your whole address.",
            "et": f"Seadistab domeeni {domain} e-posti. Kasutajanimi on teie aadress tervikuna.",
        },
        "PayloadContent": [mail],
    })


def _reversed(domain: str) -> str:
    return ".".join(reversed(domain.split(".")))


def _uuid(domain: str, what: str) -> str:
    return str(uuid5(NAMESPACE_DNS, f"{what}.kindelpost.{domain}")).upper()
