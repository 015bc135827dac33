"""The DNS records to publish."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kindelpost.mail import records
from kindelpost.mail.programs import Doors

HOST = "mail.provider.test"
DOORS = Doors(HOST, "Provider", 993, 465, 587, 4190)


def _all() -> list[records.Record]:
    found = [
        records.mx("firma.ee", HOST),
        records.spf("firma.ee", HOST),
        records.dkim("firma.ee", "kp202611r", "v=DKIM1; k=rsa; p=AA=="),
        records.dmarc("firma.ee", "reports@provider.test"),
        records.report_consent("firma.ee", "reports@provider.test"),
        *records.mta_sts("firma.ee", HOST),
        records.tls_rpt("firma.ee", "reports@provider.test"),
        *records.mail_programs("firma.ee", DOORS, 443),
    ]
    return [record for record in found if record]


def test_the_pack_of_a_domain_is_what_the_standards_ask() -> None:
    assert {record.name: (record.type, record.value) for record in _all() if record.type != "MX"} == {
        "firma.ee": ("TXT", "v=spf1 a:mail.provider.test ~all"),
        "kp202611r._domainkey.firma.ee": ("TXT", "v=DKIM1; k=rsa; p=AA=="),
        "_dmarc.firma.ee": ("TXT", "v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:reports@provider.test"),
        "firma.ee._report._dmarc.provider.test": ("TXT", "v=DMARC1"),
        "_mta-sts.firma.ee": ("TXT", "v=STSv1; id=" + hashlib.sha256(records.mta_sts_policy(HOST).encode()).hexdigest()[:20]),
        "mta-sts.firma.ee": ("CNAME", "mail.provider.test."),
        "_smtp._tls.firma.ee": ("TXT", "v=TLSRPTv1; rua=mailto:reports@provider.test"),
        "_imaps._tcp.firma.ee": ("SRV", "0 1 993 mail.provider.test."),
        "_submissions._tcp.firma.ee": ("SRV", "0 1 465 mail.provider.test."),
        "_submission._tcp.firma.ee": ("SRV", "10 1 587 mail.provider.test."),
        "_sieve._tcp.firma.ee": ("SRV", "0 1 4190 mail.provider.test."),
        "_imap._tcp.firma.ee": ("SRV", "0 0 0 ."),
        "_pop3._tcp.firma.ee": ("SRV", "0 0 0 ."),
        "_pop3s._tcp.firma.ee": ("SRV", "0 0 0 ."),
        "_autodiscover._tcp.firma.ee": ("SRV", "0 1 443 mail.provider.test."),
        "autoconfig.firma.ee": ("CNAME", "mail.provider.test."),
        "autodiscover.firma.ee": ("CNAME", "mail.provider.test."),
    }
    assert records.mx("firma.ee", HOST).value == "10 mail.provider.test."


def test_every_record_says_why_in_both_languages() -> None:
    assert all(record.reason_et and record.reason_en and record.reason_et != record.reason_en for record in _all())


def test_reports_to_an_own_address_need_no_consent() -> None:
    assert records.report_consent("firma.ee", "dmarc@firma.ee") is None


def test_the_policy_enforces_our_only_mx_for_a_week() -> None:
    assert records.mta_sts_policy(HOST) == "version: STSv1\r\nmode: enforce\r\nmx: mail.provider.test\r\nmax_age: 604800\r\n"


def test_the_policy_id_changes_with_the_policy_and_with_nothing_else() -> None:
    assert records.mta_sts("firma.ee", HOST)[0] == records.mta_sts("firma.ee", HOST)[0]
    assert records.mta_sts("firma.ee", HOST)[0].value != records.mta_sts("firma.ee", "mx.provider.test")[0].value


def test_tlsa_is_the_digest_of_the_public_key_of_the_first_certificate() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name, moment = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)]), datetime(2026, 11, 24, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = builder.not_valid_before(moment).not_valid_after(moment + timedelta(days=9)).sign(key, hashes.SHA256())
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = records.tlsa(HOST, certificate.public_bytes(serialization.Encoding.PEM))
    assert (record.name, record.value) == (f"_25._tcp.{HOST}", f"3 1 1 {hashlib.sha256(spki).hexdigest()}")


def test_a_zone_file_holds_the_zones_own_records_in_strings_of_255_octets() -> None:
    own = records.Record("_dmarc.firma.ee", "TXT", 'v=x "q" ' + "a" * 300, "", "")
    text = records.zone_file("firma.ee", [own, records.mx("firma.ee", "mx.test"), records.mx("evilfirma.ee", "mx.test")])
    first, second = text.splitlines()
    assert first.startswith(r'_dmarc.firma.ee. 3600 IN TXT "v=x \"q\" aaa')
    assert first.count('" "') == 1
    assert second == "firma.ee. 3600 IN MX 10 mx.test."
