"""Every secret of the instance as a keyed fingerprint: equal ones show, none is told (M3.2)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
        yield f"secrets/{path.name}", _read(path).strip()
    control = layout.data("control")
    keys = [*(layout.root / "tls").glob("*/*key*.pem"), *(layout.maps("rspamd") / "dkim").glob("*"), *control.glob("*.key")]
    for path in sorted(keys):
        yield str(path.relative_to(layout.root)), _read(path).strip()
    for path in sorted(layout.tls("nginx").glob("[!.]*.pem")):
        yield f"tls/nginx/{path.name}", _read(path).partition(b"-----END")[0]  # the key, which stands first
    canaries = control / "canary.json"
    if canaries.is_symlink() or canaries.exists():
        for name, (_address, password) in json.loads(_read(canaries)).items():
            yield f"canary {name}", str(password).encode()


def _read(path: Path) -> bytes:
    """A file's content; a link that its owner put there leads root nowhere (open(2), O_NOFOLLOW)."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as source:
        return source.read()
