"""The filter as real processes, once for all of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.filter.stage import Keys, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPS = {
    "hosted_domains.map": "loaded.invalid\na.example\nb.example\nt1.shared.example\nt2.shared.example\n",
    "owners.map": "loaded.invalid nobody\nsales@a.example alice@a.example\nshared@a.example bob@a.example,alice@a.example\n",
    "forwards.map": "loaded.invalid\nfwd@a.example\n",
    "signing.map": "loaded.invalid none\na.example rsa1,ed1\nt1.shared.example rsa1,ed1\nb.example rsa1,ed1\n",
}
SPF_PASS, SPF_FAIL = "v=spf1 ip4:203.0.113.20 -all", "v=spf1 ip4:203.0.113.99 -all"


@pytest.fixture(scope="session")
def keys() -> dict[str, Keys]:
    return {name: Keys() for name in ("a.example", "b.example", "t1.shared.example", "strict.example")}


@pytest.fixture(scope="session")
def stage(keys: dict[str, Keys]) -> Iterator[Stage]:
    running = Stage.make()
    try:
        complaints = running.build()
        assert not complaints, complaints
        files = {f"dkim/{d}.{s}.key": text for d, pair in keys.items() for s, text in pair.files.items()}
        running.publish({**MAPS, **files})
        world = {f"{s}._domainkey.{d}": text for d, pair in keys.items() for s, text in pair.records.items()}
        world |= {
            "remote.example": SPF_PASS,
            "strict.example": SPF_FAIL,
            "_dmarc.strict.example": "v=DMARC1; p=reject",
            "spfgood.example": SPF_PASS,
            "_dmarc.spfgood.example": "v=DMARC1; p=reject",
            "careful.example": SPF_FAIL,
            "_dmarc.careful.example": "v=DMARC1; p=quarantine",
            "a.example": SPF_FAIL,
            "b.example": SPF_PASS,
            "shared.example": SPF_PASS,
        }
        running.world(world)
        running.start()
        yield running
    finally:
        running.remove()
