"""Each client domain's own names on the web: their certificate, and the Apple profile signed with its key. Root's work alone.

Of what the publisher says, only which domains there are is taken, and only where it is the name of a domain (`DOMAIN`).
The authority's key never leaves root; a domain's key is read by nginx's workers besides, which find it by the name in
the handshake (M3.5).
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from kindelpost.engines.host.certificates import copy_bundle, issue_bundle, read_bundle
from kindelpost.engines.nginx.render import DOMAIN
from kindelpost.lib.errors import Refused
from kindelpost.lib.files import write_atomic
from kindelpost.mail.programs import Doors, apple_profile

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from kindelpost.config.service import Service
    from kindelpost.engines.facts import Layout

__all__ = ["doors", "install", "names_of", "refresh"]

HOSTS = ("mta-sts", "autoconfig", "autodiscover")


def names_of(domain: str) -> tuple[str, ...]:
    """The host names that are served for a domain; its own last, for a client that points it to us."""
    return (*(f"{host}.{domain}" for host in HOSTS), domain)


def doors(service: Service) -> Doors:
    """Where a mail program finds this service."""
    port = service.listen.port
    return Doors(
        service.hostname, service.provider.name, port("imaps"), port("submissions"), port("submission"), port("managesieve")
    )


def refresh(layout: Layout, service: Service) -> dict[str, list[str]]:
    """Bring every domain's certificate (an evaluation's) and signed profile up to date.

    Returns {"issued", "signed", "removed", "without"}: domains; one without waits for the operator (`install`).
    """
    own = service.tls.certificate is None
    done: dict[str, list[str]] = {"issued": [], "signed": [], "removed": [], "without": []}
    with _alone(layout):
        domains = _published(layout)
        for domain in sorted(domains):
            bundle = _bundle(layout, domain)
            if own and issue_bundle(layout.root / "tls", bundle, names_of(domain)):
                done["issued"].append(domain)
            if not bundle.exists():
                done["without"].append(domain)
            elif _sign(layout, service, domain):
                done["signed"].append(domain)
        # An operator's certificate stays where it was put: it is not ours to throw away.
        made = [layout.data("nginx") / "profiles", *([layout.tls("nginx")] if own else [])]
        for path in [path for folder in made for path in folder.glob("[!.]*") if path.stem not in domains]:
            path.unlink()
            done["removed"].append(path.name)
    return done


def install(layout: Layout, service: Service, domain: str, certificate: Path, key: Path) -> list[str]:
    """Put an operator's certificate in force for a domain, with no reload; returns the names that it is for.

    Raises `Refused`: `names-unknown`, `names-own` (an evaluation makes its own), or what is wrong with the files (`tls-…`).
    """
    if service.tls.certificate is None:
        raise Refused("names-own", "An evaluation's own authority makes this certificate.", "There is nothing to do.")
    with _alone(layout):
        if domain not in _published(layout):
            raise Refused("names-unknown", f"{domain} is no domain of this service.", "See `kindelpost domain list`.")
        covered = copy_bundle(_bundle(layout, domain), names_of(domain), certificate, key)
        _sign(layout, service, domain)
    return covered


def _bundle(layout: Layout, domain: str) -> Path:
    return layout.tls("nginx") / f"{domain}.pem"


def _published(layout: Layout) -> set[str]:
    said = {path.stem for path in (layout.maps("nginx") / "autoconfig").glob("[!.]*.xml")}
    return {domain for domain in said if re.fullmatch(DOMAIN, domain)}


def _sign(layout: Layout, service: Service, domain: str) -> bool:
    """CMS SignedData around the profile (RFC 5652), by the domain's own certificate; True when it was made now."""
    profile = apple_profile(domain, doors(service))
    path = layout.data("nginx") / "profiles" / f"{domain}.mobileconfig"
    key, (certificate, *chain) = read_bundle(_bundle(layout, domain))
    held = path.read_bytes() if path.exists() else b""
    if profile in held and certificate.public_bytes(Encoding.DER) in held:
        return False
    builder = pkcs7.PKCS7SignatureBuilder().set_data(profile).add_signer(certificate, key, hashes.SHA256())
    for issuer in chain:
        builder = builder.add_certificate(issuer)
    options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
    write_atomic(path, builder.sign(Encoding.DER, options), mode=0o440)
    return True


@contextmanager
def _alone(layout: Layout) -> Generator[None]:
    handle = os.open(layout.tls("nginx"), os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
