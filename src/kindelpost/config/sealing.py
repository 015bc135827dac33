"""Secrets in the database: Fernet under a key in a file of its own, so that the database alone gives none away (M3.5)."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet
from django.conf import settings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_sealed", "seal"]


def _key_file() -> Path:
    """KINDELPOST_KEY_FILE (a systemd credential, say), or a file of the instance that only our account reads."""
    path: Path = settings.KEY_FILE
    with suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "wb") as sink:
            sink.write(Fernet.generate_key())
            sink.flush()
            os.fsync(handle)
    return path


def seal(text: str) -> str:
    """Encrypt for the database."""
    return Fernet(_key_file().read_bytes()).encrypt(text.encode()).decode()


def open_sealed(token: str) -> str:
    """Decrypt; raises `cryptography.fernet.InvalidToken` where the key is not the one that sealed it."""
    return Fernet(_key_file().read_bytes()).decrypt(token.encode()).decode()
