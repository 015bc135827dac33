"""P5.11: every door speaks TLS 1.2 or newer under the right certificate, and takes no password before that."""

from __future__ import annotations

import ssl
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from django.conf import settings

from kindelpost.engines import tries
from kindelpost.lib.clock import now
from kindelpost.practice.registry import Result, Target, check, failed, passed, warned

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

__all__ = ["certificates", "plaintext", "starttls_sieve", "versions"]

DAY = 86400
OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
NEW = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
GOOD_DAYS, LAST_DAYS = 14, 7  # P5.6


def _line(plain: socket.socket) -> bytes:
    """One line, and not a byte of what follows."""
    said = b""
    while not said.endswith(b"\n"):
        byte = plain.recv(1)
        if not byte:
            raise ConnectionResetError("the door closed")
        said += byte
    return said


def _reply(plain: socket.socket) -> bytes:
    """An SMTP reply of any number of lines."""
    said = _line(plain)
    while said.splitlines()[-1][3:4] == b"-":
        said += _line(plain)
    return said


def _smtp(plain: socket.socket) -> bytes:
    """Up to where TLS would begin; the capabilities before it."""
    _reply(plain)
    plain.sendall(b"EHLO good.outside.example\r\n")
    return _reply(plain)


def _starttls_smtp(plain: socket.socket) -> None:
    _smtp(plain)
    plain.sendall(b"STARTTLS\r\n")
    if not _reply(plain).startswith(b"220"):
        raise ConnectionError("STARTTLS is not offered")


def _sieve(plain: socket.socket) -> bytes:
    """The greeting of ManageSieve (RFC 5804 §1.8), whose last line says OK."""
    said = _line(plain)
    while not said.splitlines()[-1].startswith((b"OK", b"NO", b"BYE")):
        said += _line(plain)
    return said


def starttls_sieve(plain: socket.socket) -> None:
    """Up to where TLS begins."""
    _sieve(plain)
    plain.sendall(b"STARTTLS\r\n")
    if not _line(plain).startswith(b"OK"):
        raise ConnectionError("STARTTLS is not offered")


def _at_once(_plain: socket.socket) -> None:
    """TLS from the first byte (RFC 8314 §3)."""


DOORS: dict[str, Callable[[socket.socket], None]] = {
    "mx": _starttls_smtp,
    "submission": _starttls_smtp,
    "submissions": _at_once,
    "imaps": _at_once,
    "managesieve": starttls_sieve,
    "portal": _at_once,
}


def _context(version: ssl.TLSVersion) -> ssl.SSLContext:
    """A client that speaks this version alone and would take anything else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is the point
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def _spoken(door: str, context: ssl.SSLContext) -> str:
    """The version that was agreed on, or why none was."""
    with tries.connect(door) as plain:
        DOORS[door](plain)
        try:
            with context.wrap_socket(plain, server_hostname=settings.SERVICE.hostname) as secure:
                return str(secure.version())
        except OSError as refused:
            return f"refused ({getattr(refused, 'reason', None) or refused})"


@check(
    "P5.11.versions",
    version=1,
    kind="does",
    ttl_s=DAY,
    expected="TLS 1.2 and 1.3 are spoken, 1.0 and 1.1 refused, at every door.",
)
def versions(_target: Target) -> Result:
    """Old versions of TLS are refused."""
    said = {f"{door} {version.name}": _spoken(door, _context(version)) for door in DOORS for version in (*OLD, *NEW)}
    old = {version.name for version in OLD}
    wrong = [f"{case}: {words}" for case, words in said.items() if words.startswith("TLS") is (case.split()[1] in old)]
    if wrong:
        return failed("; ".join(wrong), details=said, weaker=tries.weaker())
    return passed(f"{len(DOORS)} doors: {', '.join(DOORS)}", details=said, weaker=tries.weaker())


def _left(door: str) -> timedelta:
    """How long the door's certificate holds. Raises `ssl.SSLError` where it is not for us, or nobody trusted signed it."""
    with tries.connect(door) as plain:
        DOORS[door](plain)
        with tries.trust().wrap_socket(plain, server_hostname=settings.SERVICE.hostname) as secure:
            shown = secure.getpeercert(binary_form=True)
    if shown is None:
        raise ssl.SSLError("no certificate was shown")
    return x509.load_der_x509_certificate(shown).not_valid_after_utc - now()


@check(
    "P5.11.certificates",
    version=1,
    kind="does",
    ttl_s=DAY,
    expected="Every door shows a certificate of its name, by a trusted authority, with 14 days left.",
)
def certificates(_target: Target) -> Result:
    """Every door shows the right certificate."""
    said, wrong, soon = {}, [], []
    for door in DOORS:
        try:
            left = _left(door)
        except ssl.SSLCertVerificationError as error:
            said[door] = f"not trusted: {error.verify_message}"
            wrong.append(door)
            continue
        said[door] = f"{left.days} days"
        wrong += [door] if left < timedelta(days=LAST_DAYS) else []
        soon += [door] if left < timedelta(days=GOOD_DAYS) else []
    words = ", ".join(f"{door}: {text}" for door, text in said.items())
    verdict = failed if wrong else warned if soon else passed
    return verdict(words, details=said, weaker=tries.weaker())


@check(
    "P5.11.plaintext",
    version=1,
    kind="does",
    ttl_s=DAY,
    expected="No door offers or takes a password before TLS; there is no door for unencrypted reading.",
)
def plaintext(_target: Target) -> Result:
    """No password travels unencrypted."""
    said = {door: _auth_smtp(door) for door in ("mx", "submission")} | {"managesieve": _auth_sieve()}
    said |= {f"port {port}": words for port in (143, 110) if (words := _auth_open(port))}
    wrong = [f"{door}: {words}" for door, words in said.items() if not words.startswith("refused")]
    if wrong:
        return failed("; ".join(wrong), details=said, weaker=tries.weaker())
    return passed("; ".join(f"{door}: {words}" for door, words in said.items()), details=said, weaker=tries.weaker())


def _auth_smtp(door: str) -> str:
    with tries.connect(door) as plain:
        if b"AUTH" in _smtp(plain):
            return "AUTH is offered before TLS"
        plain.sendall(b"AUTH PLAIN AGEAYg==\r\n")
        reply = _reply(plain).decode(errors="replace").strip()
    # 5.7.x of a wrong password (535) would mean that it was looked at.
    return f"refused ({reply})" if reply.startswith(("50", "53")) and not reply.startswith("535") else reply


def _auth_sieve() -> str:
    with tries.connect("managesieve") as plain:
        said = _sieve(plain)
        if b'"SASL" ""' not in said:
            return "SASL mechanisms are offered before TLS"
        plain.sendall(b'AUTHENTICATE "PLAIN" "AGEAYg=="\r\n')
        reply = _line(plain).decode(errors="replace").strip()
    return f"refused ({reply})" if "ENCRYPT-NEEDED" in reply or "TLS" in reply.upper() else reply


def _auth_open(port: int) -> str:
    """What an unencrypted door of reading says, empty where there is none: it is off until a client asks for it."""
    base = settings.SERVICE.listen.port_base
    try:
        with tries.connect(base + port, timeout=5) as plain:
            return f"open: {_line(plain).decode(errors='replace').strip()}"
    except ConnectionRefusedError:
        return ""
