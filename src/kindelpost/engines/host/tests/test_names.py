"""Client domains' certificates and signed profiles: of published domains alone, each with a key of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from kindelpost.config.service import Listen, Service, Tls
from kindelpost.engines.facts import Layout
from kindelpost.engines.host import certificates, names
from kindelpost.engines.host.certificates import read_bundle
from kindelpost.lib.errors import Refused
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EVALUATION = Service(evaluation=True, listen=Listen(port_base=29000))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path)
    folders = (made.tls("nginx"), made.data("nginx") / "profiles", made.maps("nginx") / "autoconfig")
    for folder in folders:
        folder.mkdir(parents=True)
    return made


def publish(layout: Layout, domains: Iterable[str]) -> None:
    folder = layout.maps("nginx") / "autoconfig"
    for path in folder.iterdir():
        path.unlink()
    for domain in domains:
        (folder / f"{domain}.xml").write_text("")


def test_each_published_domain_gets_a_certificate_of_its_names_and_a_key_of_its_own(layout: Layout) -> None:
    publish(layout, ["firma.ee", "teine.ee"])
    done = names.refresh(layout, EVALUATION)
    assert done == {"issued": ["firma.ee", "teine.ee"], "signed": ["firma.ee", "teine.ee"], "removed": [], "without": []}
    bundles = [read_bundle(layout.tls("nginx") / f"{domain}.pem") for domain in ("firma.ee", "teine.ee")]
    ca = x509.load_pem_x509_certificate((layout.tls("ca") / "ca.pem").read_bytes())
    for key, (leaf, issuer) in bundles:
        leaf.verify_directly_issued_by(ca)
        assert issuer == ca
        assert key.public_key() == leaf.public_key()
    assert set(certificates._names(bundles[0][1][0])) == {
        "firma.ee",
        "mta-sts.firma.ee",
        "autoconfig.firma.ee",
        "autodiscover.firma.ee",
    }
    assert bundles[0][0].public_key() != bundles[1][0].public_key()
    assert {path.stat().st_mode & 0o777 for path in layout.tls("nginx").iterdir()} == {0o440}


def test_again_changes_nothing_and_a_removed_domain_loses_both(layout: Layout) -> None:
    publish(layout, ["firma.ee", "teine.ee"])
    names.refresh(layout, EVALUATION)
    assert not any(names.refresh(layout, EVALUATION).values())
    publish(layout, ["teine.ee"])
    assert sorted(names.refresh(layout, EVALUATION)["removed"]) == ["firma.ee.mobileconfig", "firma.ee.pem"]
    assert [path.name for path in layout.tls("nginx").iterdir()] == ["teine.ee.pem"]


def test_the_profile_is_signed_by_the_domains_certificate_and_anew_when_a_door_moves(layout: Layout) -> None:
    publish(layout, ["firma.ee"])
    names.refresh(layout, EVALUATION)
    signed = layout.data("nginx") / "profiles" / "firma.ee.mobileconfig"
    ca = layout.tls("ca") / "ca.pem"
    argv: list[str | Path] = ["openssl", "cms", "-verify", "-inform", "DER", "-in", signed, "-CAfile", ca, "-purpose", "any"]
    assert "<string>mail.kindelpost.example</string>" in run(argv).out
    moved = EVALUATION.model_copy(update={"hostname": "mx.kindelpost.example"})
    assert names.refresh(layout, moved)["signed"] == ["firma.ee"]
    assert "<string>mx.kindelpost.example</string>" in run(argv).out


@pytest.mark.parametrize("name", ["..", "a", "firma.ee;x", "Firma.ee", "firma ee", "203.0.113.1", "x" * 9 + ".ee\n"])
def test_what_is_no_domains_name_gets_nothing(layout: Layout, name: str) -> None:
    publish(layout, [name])
    assert not any(names.refresh(layout, EVALUATION).values())
    assert not list(layout.tls("nginx").iterdir())


@pytest.fixture
def bought(tmp_path: Path) -> Path:
    """A folder with a certificate of two of the domain's names and its key, as an authority outside gave them."""
    folder = tmp_path / "bought"
    certificates.issue(folder, "firma", ("mta-sts.firma.ee", "autoconfig.firma.ee"))
    return folder / "firma"


def test_an_operators_certificate_is_put_in_force_and_stays(layout: Layout, bought: Path) -> None:
    publish(layout, ["firma.ee"])
    pair = (bought / "fullchain.pem", bought / "key.pem")
    production = Service(tls=Tls(certificate=pair[0], key=pair[1]))
    assert names.refresh(layout, production)["without"] == ["firma.ee"]
    assert names.install(layout, production, "firma.ee", *pair) == ["mta-sts.firma.ee", "autoconfig.firma.ee"]
    assert read_bundle(layout.tls("nginx") / "firma.ee.pem")[1][0].subject
    assert (layout.data("nginx") / "profiles" / "firma.ee.mobileconfig").exists()
    publish(layout, [])
    assert names.refresh(layout, production)["removed"] == ["firma.ee.mobileconfig"]
    assert (layout.tls("nginx") / "firma.ee.pem").exists()


def test_a_certificate_that_does_not_fit_is_refused(layout: Layout, bought: Path) -> None:
    publish(layout, ["firma.ee", "teine.ee"])
    pair = (bought / "fullchain.pem", bought / "key.pem")
    production = Service(tls=Tls(certificate=pair[0], key=pair[1]))
    cases = (
        (production, "teine.ee", "tls-name"),
        (production, "kolmas.ee", "names-unknown"),
        (production, "../firma.ee", "names-unknown"),
        (EVALUATION, "firma.ee", "names-own"),
    )
    for service, domain, code in cases:
        with pytest.raises(Refused) as refused:
            names.install(layout, service, domain, *pair)
        assert refused.value.code == code
    assert not list(layout.tls("nginx").iterdir())
