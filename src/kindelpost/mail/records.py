"""The DNS records that a client publishes: name, type, value, and the reason in plain words, travelling together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kindelpost.mail.programs import Doors

__all__ = [
    "Record",
    "dkim",
    "dmarc",
    "mail_programs",
    "mta_sts",
    "mta_sts_policy",
    "mx",
    "report_consent",
    "spf",
    "tls_rpt",
    "tlsa",
    "zone_file",
]

POLICY_SECONDS = 604_800  # a week: P5.6 asks for at least that


@dataclass(frozen=True)
class Record:
    """One record to publish. `name` is the full owner name without the final dot; `value` as in a zone file, TXT unquoted."""

    name: str
    type: str
    value: str
    reason_et: str
    reason_en: str


def mx(domain: str, hostname: str) -> Record:
    """Where the domain's mail goes."""
    return Record(
        domain,
        "MX",
        f"10 {hostname}.",
        "Ütleb maailmale, milline server selle domeeni kirju vastu võtab. Muid MX-kirjeid ei tohi olla.",
        "Tells the world which server takes this domain's mail. There must be no other MX record.",
    )


def spf(domain: str, hostname: str) -> Record:
    """Who may send in the domain's name (RFC 7208); one lookup, both address families."""
    return Record(
        domain,
        "TXT",
        f"v=spf1 a:{hostname} ~all",
        "Ütleb, millised aadressid tohivad selle domeeni nimel kirju saata. SPF-kirjeid tohib olla ainult üks.",
        "Says which addresses may send mail in this domain's name. There must be only one SPF record.",
    )


def dkim(domain: str, selector: str, text: str) -> Record:
    """The public half of a signing key."""
    return Record(
        f"{selector}._domainkey.{domain}",
        "TXT",
        text,
        "Allkirja avalik võti: selle järgi näeb saaja, et kiri tuli teilt ja seda pole teel muudetud.",
        "The public key of the signature: with it the receiver sees that a message is yours and unchanged.",
    )


def dmarc(domain: str, reports_to: str) -> Record:
    """The default answer "no other senders": refuse everything that is not aligned (P6.6; RFC 9989)."""
    return Record(
        f"_dmarc.{domain}",
        "TXT",
        f"v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:{reports_to}",
        "Palub saajatel tagasi lükata kirjad, mis ainult esinevad teie nimel. Kui keegi teine saadab teie nimel "
        "(uudiskiri, arveldus), öelge see enne, sest ka need kirjad lükatakse tagasi.",
        "Asks receivers to refuse mail that only pretends to be yours. If anyone else sends in your name "
        "(newsletter, invoicing), say so first, because that mail is refused too.",
    )


def report_consent(domain: str, reports_to: str) -> Record | None:
    """The provider's consent to get reports about a domain that is not its own; None where none is needed."""
    receiver = reports_to.rpartition("@")[2].lower()
    if receiver == domain:
        return None
    return Record(
        f"{domain}._report._dmarc.{receiver}",
        "TXT",
        "v=DMARC1",
        f"Selle avaldab teenusepakkuja domeenis {receiver}: nõusolek saada DMARC-i aruandeid.",
        f"Published by the provider in {receiver}: consent to get the DMARC reports.",
    )


def mta_sts_policy(hostname: str) -> str:
    """The policy file at https://mta-sts.<domain>/.well-known/mta-sts.txt (RFC 8461 §3.2)."""
    return f"version: STSv1\r\nmode: enforce\r\nmx: {hostname}\r\nmax_age: {POLICY_SECONDS}\r\n"


def mta_sts(domain: str, hostname: str) -> Sequence[Record]:
    """The announcement, whose id changes with the policy, and the name of the policy host (RFC 8461 §3.1)."""
    digest = hashlib.sha256(mta_sts_policy(hostname).encode()).hexdigest()[:20]
    return (
        Record(
            f"_mta-sts.{domain}",
            "TXT",
            f"v=STSv1; id={digest}",
            "Teatab, et kirju võib meie serverile saata ainult krüptitult; id muutub, kui reegel muutub.",
            "Announces that mail may come to our server only encrypted; the id changes when the policy does.",
        ),
        Record(
            f"mta-sts.{domain}",
            "CNAME",
            f"{hostname}.",
            "Veebinimi, millelt teised serverid seda reeglit loevad.",
            "The web name from which other servers read that policy.",
        ),
    )


def tls_rpt(domain: str, reports_to: str) -> Record:
    """Where other servers report that they could not reach us encrypted (RFC 8460)."""
    return Record(
        f"_smtp._tls.{domain}",
        "TXT",
        f"v=TLSRPTv1; rua=mailto:{reports_to}",
        "Ütleb, kuhu teised serverid teatavad, kui krüptitud ühendus meie serveriga ei õnnestu.",
        "Says where other servers report when an encrypted connection to our server fails.",
    )


def tlsa(hostname: str, certificate_pem: bytes) -> Record:
    """TLSA 3 1 1 (RFC 7672 §3.1): the digest of the public key, which outlives a renewal with the same key."""
    public = x509.load_pem_x509_certificate(certificate_pem).public_key()
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Record(
        f"_25._tcp.{hostname}",
        "TLSA",
        f"3 1 1 {hashlib.sha256(spki).hexdigest()}",
        "Selle avaldab teenusepakkuja DNSSEC-iga allkirjastatud tsoonis: sellega tunneb saatja serveri sertifikaadi ära.",
        "Published by the provider in a zone signed with DNSSEC: with it a sender recognises the server's certificate.",
    )


def zone_file(domain: str, records: Sequence[Record]) -> str:
    """What of `records` lies in `domain`'s own zone, in the form that a name server reads (RFC 1035 §5.1)."""
    own = [one for one in records if one.name == domain or one.name.endswith(f".{domain}")]
    lines = [f"{one.name}. 3600 IN {one.type} {_strings(one.value) if one.type == 'TXT' else one.value}" for one in own]
    return "\n".join(lines) + "\n"


def _strings(value: str) -> str:
    """A TXT value as quoted strings of at most 255 octets."""
    parts = [value[start : start + 255] for start in range(0, len(value), 255)]
    return " ".join('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts)


def mail_programs(domain: str, doors: Doors, web: int) -> Sequence[Record]:
    """How a mail program finds its settings: SRV (RFC 6186, RFC 8314 §5.1, RFC 5804 §1.8) and the names of the documents.

    `web`: the port of HTTPS. An SRV target must not be an alias (RFC 2782), so it is the service itself.
    """
    host = doors.hostname
    return (
        _srv(
            domain,
            "_imaps",
            f"0 1 {doors.imaps} {host}.",
            "Ütleb meiliprogrammile, kust kirju lugeda: IMAP, algusest peale krüptitud.",
            "Tells a mail program where to read mail: IMAP, encrypted from the start.",
        ),
        _srv(
            domain,
            "_submissions",
            f"0 1 {doors.submissions} {host}.",
            "Ütleb meiliprogrammile, mille kaudu kirju saata: algusest peale krüptitud.",
            "Tells a mail program through which door to send: encrypted from the start.",
        ),
        _srv(
            domain,
            "_submission",
            f"10 1 {doors.submission} {host}.",
            "Saatmine vanematele programmidele, mis krüptivad alles pärast ühendumist (STARTTLS); ilma selleta sisse ei saa.",
            "Sending for older programs, which encrypt after they connect (STARTTLS); without it nobody gets in.",
        ),
        _srv(
            domain,
            "_sieve",
            f"0 1 {doors.managesieve} {host}.",
            "Ütleb meiliprogrammile, kus on teie kirjade reeglid ja puhkuseteade.",
            "Tells a mail program where your mail rules and vacation notice are.",
        ),
        *(
            _srv(
                domain,
                service,
                "0 0 0 .",
                f"Ütleb, et {et} siin ei ole, ja meiliprogramm ei hakka seda otsima.",
                f"Says that there is no {en} here, and a mail program does not look for it.",
            )
            for service, et, en in (
                ("_imap", "IMAP-i ilma kohese krüptimiseta", "IMAP without encryption from the start"),
                ("_pop3", "POP3", "POP3"),
                ("_pop3s", "krüptitud POP3", "POP3 over TLS"),
            )
        ),
        _srv(
            domain,
            "_autodiscover",
            f"0 1 {web} {host}.",
            "Outlook leiab seaded ka siis, kui nimel autodiscover veel sertifikaati ei ole; ta küsib selle kohta korra luba.",
            "Outlook finds the settings even while the name autodiscover has no certificate; it asks once whether it may.",
        ),
        Record(
            f"autoconfig.{domain}",
            "CNAME",
            f"{host}.",
            "Veebinimi, millelt Thunderbird loeb seaded ja Apple'i seade laadib profiili.",
            "The web name from which Thunderbird reads the settings and an Apple device loads its profile.",
        ),
        Record(
            f"autodiscover.{domain}",
            "CNAME",
            f"{host}.",
            "Veebinimi, millelt Outlook loeb seaded.",
            "The web name from which Outlook reads the settings.",
        ),
    )


def _srv(domain: str, service: str, value: str, reason_et: str, reason_en: str) -> Record:
    return Record(f"{service}._tcp.{domain}", "SRV", value, reason_et, reason_en)
