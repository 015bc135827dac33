"""The private key that signs evidence: one file, 0400, replaced in a way that a crash at any moment leaves one that fits."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from kindelpost.lib.errors import EngineFault
from kindelpost.lib.files import write_atomic
from kindelpost.practice.chain import public_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Keys"]


class Keys:
    """The key in `path`, and beside it, while it is being replaced, the next one. Use it under the store's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.next = path.with_name(f"{path.name}.next")
        self._loaded: tuple[tuple[int, int], Ed25519PrivateKey] | None = None

    def load(self, *, new: bool, introduced: Callable[[], str]) -> Ed25519PrivateKey:
        """The signing key; with `new` (the chain is empty) one is made. `introduced` tells the chain's newest public key.

        Raises `EngineFault` (`evidence-key`) where a chain has lost its key: a silent new one would be a forger's way.
        """
        if self.next.exists():
            self._finish(introduced())
        try:
            found = self.path.stat()
        except FileNotFoundError as missing:
            if not new:
                hint = "Put it back from its copy; evidence that was written stays verifiable."
                raise EngineFault("evidence-key", f"The signing key {self.path} is gone.", hint) from missing
            _write(self.path, Ed25519PrivateKey.generate())
            found = self.path.stat()
        seen = (found.st_ino, found.st_mtime_ns)
        if self._loaded is None or self._loaded[0] != seen:
            self._loaded = (seen, _read(self.path))
        return self._loaded[1]

    def prepare(self) -> Ed25519PrivateKey:
        """Make the next key and keep it beside the current one."""
        key = Ed25519PrivateKey.generate()
        _write(self.next, key)
        return key

    def promote(self) -> None:
        """The next key takes the current one's place; the chain has introduced it."""
        self.next.rename(self.path)

    def _finish(self, introduced: str) -> None:
        """A replacement was interrupted: go on where the chain introduced the next key, else forget that key."""
        if public_text(_read(self.next).public_key()) == introduced:
            self.promote()
        else:
            with suppress(FileNotFoundError):
                self.next.unlink()


def _write(path: Path, key: Ed25519PrivateKey) -> None:
    write_atomic(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o400)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise EngineFault("evidence-key", f"{path} holds no Ed25519 key.")
    return key
