"""Every secret of the instance as a keyed fingerprint: equal ones show, none is told (M3.2)."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kindelpost.engines.facts import Layout
    from kindelpost.engines.instance import Instance

__all__ = ["look", "values"]


def look(instance: Instance) -> dict[str, str]:
    """Where a secret lies → its HMAC-SHA256 under a key that is forgotten at once."""
    key = secrets.token_bytes(32)
    return {name: hmac.new(key, value, hashlib.sha256).hexdigest() for name, value in values(instance.layout)}


def values(layout: Layout) -> Iterator[tuple[str, bytes]]:
    """Every secret by its path: those of the engines, private keys, the keys of the control plane, the canaries' passwords."""
    for path in sorted(layout.secrets.iterdir()):
        yield f"secrets/{path.name}", path.read_bytes().strip()
    control = layout.data("control")
    keys = [*(layout.root / "tls").glob("*/*key*.pem"), *(layout.maps("rspamd") / "dkim").glob("*"), *control.glob("*.key")]
    for path in sorted(keys):
        yield str(path.relative_to(layout.root)), path.read_bytes().strip()
    for path in sorted(layout.tls("nginx").glob("[!.]*.pem")):
        yield f"tls/nginx/{path.name}", path.read_bytes().partition(b"-----END")[0]  # the key, which stands first
    canaries = control / "canary.json"
    if canaries.exists():
        for name, (_address, password) in json.loads(canaries.read_text(encoding="utf-8")).items():
            yield f"canary {name}", str(password).encode()
