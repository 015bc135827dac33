from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from kindelpost.engines.host import certificates
from kindelpost.engines.host.certificates import copy_front, issue
from kindelpost.lib.clock import now
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("mail.kp.example", "localhost", "127.0.0.1", "::1")


def front(tls: Path) -> bytes:
    return (tls / "front" / "fullchain.pem").read_bytes()


def test_the_evaluations_certificate_is_for_every_name_and_signed_by_its_authority(tmp_path: Path) -> None:
    ca = x509.load_pem_x509_certificate(issue(tmp_path, "front", NAMES).read_bytes())
    leaf = x509.load_pem_x509_certificates(front(tmp_path))[0]
    leaf.verify_directly_issued_by(ca)
    assert set(certificates._names(leaf)) == set(NAMES)
    assert ca.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(ca=True, path_length=0)
    assert leaf.not_valid_after_utc - now() < timedelta(days=398)


def test_keys_are_roots_alone(tmp_path: Path) -> None:
    issue(tmp_path, "front", NAMES)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*/key.pem")} == {0o400}


def test_it_is_made_once(tmp_path: Path) -> None:
    issue(tmp_path, "front", NAMES)
    before = front(tmp_path)
    issue(tmp_path, "front", reversed(NAMES))
    assert front(tmp_path) == before


def test_it_is_made_anew_for_another_name_and_near_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issue(tmp_path, "front", NAMES)
    first = front(tmp_path)
    issue(tmp_path, "front", (*NAMES, "mta-sts.alpha.example"))
    second = front(tmp_path)
    assert second != first
    monkeypatch.setattr(certificates, "RENEW_BEFORE", timedelta(days=366))
    issue(tmp_path, "front", (*NAMES, "mta-sts.alpha.example"))
    assert front(tmp_path) != second


def test_a_pair_that_a_crash_tore_apart_is_made_anew(tmp_path: Path) -> None:
    issue(tmp_path, "front", NAMES)
    key = tmp_path / "front" / "key.pem"
    key.chmod(0o600)
    key.write_bytes((tmp_path / "ca" / "key.pem").read_bytes())
    before = front(tmp_path)
    issue(tmp_path, "front", NAMES)
    assert front(tmp_path) != before


@pytest.fixture
def given(tmp_path: Path) -> tuple[Path, Path]:
    issue(tmp_path / "given", "front", ("mail.kp.example", "*.wild.example"))
    return tmp_path / "given" / "front" / "fullchain.pem", tmp_path / "given" / "front" / "key.pem"


@pytest.mark.parametrize("hostname", ["mail.kp.example", "mx.wild.example"])
def test_the_operators_certificate_is_copied(tmp_path: Path, given: tuple[Path, Path], hostname: str) -> None:
    copy_front(tmp_path, hostname, *given)
    assert front(tmp_path) == given[0].read_bytes()
    assert (tmp_path / "front" / "key.pem").stat().st_mode & 0o777 == 0o400


@pytest.mark.parametrize("hostname", ["mail.other.example", "a.b.wild.example", "wild.example"])
def test_a_certificate_for_another_name_is_refused(tmp_path: Path, given: tuple[Path, Path], hostname: str) -> None:
    with pytest.raises(Refused, match="is not for"):
        copy_front(tmp_path, hostname, *given)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path, given: tuple[Path, Path]) -> None:
    with pytest.raises(Refused, match="is not the key of"):
        copy_front(tmp_path, "mail.kp.example", given[0], tmp_path / "given" / "ca" / "key.pem")


def test_an_expired_certificate_is_refused(tmp_path: Path, given: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "now", lambda: now() + timedelta(days=500))
    with pytest.raises(Refused, match="is valid from"):
        copy_front(tmp_path, "mail.kp.example", *given)


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path, given: tuple[Path, Path]) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        copy_front(tmp_path, "mail.kp.example", given[1], given[1])
