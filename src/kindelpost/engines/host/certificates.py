"""The certificates of the front doors and of client domains.

From the instance's own authority (evaluation) or the operator's files (production).

ECDSA on P-256; the authority may sign end entities only (RFC 5280 §4.2.1.9, path length 0). Times are UTC.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kindelpost.lib.clock import now
from kindelpost.lib.errors import EngineFault, Refused
from kindelpost.lib.files import make_dir, write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

__all__ = ["copy_bundle", "copy_front", "issue", "issue_bundle", "read_bundle"]

RENEW_BEFORE = timedelta(days=30)
LIFE = timedelta(days=365)  # RFC 5280 sets none; clients refuse server certificates of over 398 days
CLOCK_SKEW = timedelta(minutes=5)


def issue(tls: Path, holder: str, names: Iterable[str], *, group: str = "root") -> Path:
    """The evaluation's certificate of `holder` for `names` (hosts or addresses, its own first); returns the CA's path.

    Writes tls/ca/{ca,key}.pem once and tls/<holder>/{fullchain,key}.pem when under 30 days are left or names differ.
    The key is root's alone, or also `group`'s.
    """
    authority, authority_key = _authority(tls / "ca")
    wanted = tuple(dict.fromkeys(names))
    folder = make_dir(tls / holder)
    if not _serves(_load(folder / "fullchain.pem", folder / "key.pem"), authority, wanted):
        key, certificate = _signed(authority, authority_key, wanted)
        write_atomic(folder / "key.pem", _private(key), mode=0o400 if group == "root" else 0o440, owner="root", group=group)
        write_atomic(folder / "fullchain.pem", _pem(certificate) + _pem(authority), mode=0o444)
    return tls / "ca" / "ca.pem"


def issue_bundle(tls: Path, bundle: Path, names: Sequence[str]) -> bool:
    """The same for one file that holds key and chain, so that both change at once; True when it was made now.

    It belongs to whatever group its folder gives it (setgid), which reads it.
    """
    authority, authority_key = _authority(tls / "ca")
    if _serves(_load(bundle, bundle), authority, tuple(names)):
        return False
    key, certificate = _signed(authority, authority_key, tuple(names))
    write_atomic(bundle, _private(key) + _pem(certificate) + _pem(authority), mode=0o440)
    return True


def copy_bundle(bundle: Path, names: Sequence[str], certificate: Path, key: Path) -> list[str]:
    """The operator's certificate and key, checked and copied into one file; returns which of `names` it is for.

    Raises `Refused` (`tls-…`); a certificate for none of them is refused.
    """
    chain, key_pem, found = _checked(certificate, key)
    covered = [name for name in names if any(_covers(pattern, name) for pattern in _names(found))]
    if not covered:
        raise Refused("tls-name", f"{certificate} is for none of {', '.join(names)}.", "Ask for a certificate of these names.")
    write_atomic(bundle, key_pem.rstrip() + b"\n" + chain, mode=0o440)
    return covered


def read_bundle(bundle: Path) -> tuple[PrivateKey, list[x509.Certificate]]:
    """Key and chain, the holder's certificate first. Raises `ValueError` where it is damaged."""
    held = bundle.read_bytes()
    private = serialization.load_pem_private_key(held, password=None)
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError(f"{bundle} holds a key that is neither RSA nor ECDSA")  # noqa: TRY004 -- what it holds is wrong
    return private, x509.load_pem_x509_certificates(held)


def copy_front(tls: Path, hostname: str, certificate: Path, key: Path) -> None:
    """The operator's certificate and key, checked and copied to tls/front. Raises `Refused` (`tls-…`) saying what is wrong."""
    chain, key_pem, found = _checked(certificate, key)
    if not any(_covers(pattern, hostname) for pattern in _names(found)):
        raise Refused("tls-name", f"{certificate} is not for {hostname} (P5.5).", "EHLO name and certificate name must be one.")
    front = make_dir(tls / "front")
    if not (front / "fullchain.pem").exists() or (front / "fullchain.pem").read_bytes() != chain:
        write_atomic(front / "key.pem", key_pem, mode=0o400)
        write_atomic(front / "fullchain.pem", chain, mode=0o444)


def _checked(certificate: Path, key: Path) -> tuple[bytes, bytes, x509.Certificate]:
    try:
        chain, key_pem = certificate.read_bytes(), key.read_bytes()
        found = x509.load_pem_x509_certificates(chain)[0]
        private = serialization.load_pem_private_key(key_pem, password=None)
    except (OSError, ValueError, TypeError) as unread:
        raise Refused("tls-unread", f"{certificate} or {key} cannot be read as PEM without a password: {unread}.") from unread
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != found.public_key().public_bytes(*form):
        raise Refused("tls-mismatch", f"{key} is not the key of {certificate}.")
    if not found.not_valid_before_utc <= now() <= found.not_valid_after_utc:
        raise Refused(
            "tls-expired", f"{certificate} is valid from {found.not_valid_before_utc} to {found.not_valid_after_utc}."
        )
    return chain, key_pem, found


def _signed(
    authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey, names: Sequence[str]
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """A new key, and the authority's certificate of it for `names`."""
    key = ec.generate_private_key(ec.SECP256R1())
    built = (
        _builder(names[0], authority.subject, key.public_key(), LIFE)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    return key, built.sign(authority_key, hashes.SHA256())


def _authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    make_dir(folder)
    held = _load(folder / "ca.pem", folder / "key.pem")
    if held and held[0].not_valid_after_utc - now() > RENEW_BEFORE:
        return held
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kindelpost evaluation authority")])
    certificate = (
        _builder("Kindelpost evaluation authority", name, key.public_key(), LIFE * 5)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_atomic(folder / "key.pem", _private(key), mode=0o400)
    write_atomic(folder / "ca.pem", _pem(certificate), mode=0o444)
    return certificate, key


def _serves(
    held: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None, authority: x509.Certificate, wanted: tuple[str, ...]
) -> bool:
    if not held or held[0].not_valid_after_utc - now() < RENEW_BEFORE:
        return False
    try:
        held[0].verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):  # another authority's
        return False
    return set(_names(held[0])) == set(wanted)


def _load(certificate: Path, key: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    if not certificate.exists() or not key.exists():
        return None
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
        found = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    except ValueError as broken:
        raise EngineFault(
            "tls-broken", f"{certificate} or its key is damaged: {broken}.", "Remove both and start again."
        ) from broken
    # a crash between the two files leaves a pair that does not fit: as good as none
    fits = isinstance(private, ec.EllipticCurvePrivateKey) and private.public_key() == found.public_key()
    return (found, private) if fits and isinstance(private, ec.EllipticCurvePrivateKey) else None


def _builder(common_name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: timedelta) -> x509.CertificateBuilder:
    # RFC 5280 caps a common name at 64 characters; who it is for stands in the SAN
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    return (
        x509
        .CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - CLOCK_SKEW)
        .not_valid_after(now() + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*san.get_values_for_type(x509.DNSName), *map(str, san.get_values_for_type(x509.IPAddress))]


def _covers(pattern: str, hostname: str) -> bool:
    """RFC 9525 §6.3: a wildcard stands for exactly one label, the leftmost."""
    pattern, hostname = pattern.lower(), hostname.lower()
    return pattern == hostname or (pattern.startswith("*.") and hostname.partition(".")[2] == pattern[2:])


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
