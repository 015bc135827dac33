"""Making Django ready for one instance, and bringing its tables up to date."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["migrate", "prepare_secret_key", "setup"]


def setup(instance: Path) -> None:
    """Point Django at `instance` and load every room. Call it before any room is imported, once a process."""
    os.environ["KINDELPOST_DIR"] = str(instance)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindelpost.config.settings")
    django.setup()
    _ = connection.vendor  # loads the driver now, while code that only root may read is still readable


def migrate() -> None:
    """Bring the tables up to date; the database file is made with mode 0600. Run as the account that owns it."""
    if connection.vendor == "sqlite":
        os.close(os.open(settings.INSTANCE / "data" / "control" / "db.sqlite3", os.O_CREAT | os.O_RDWR, 0o600))
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def prepare_secret_key() -> None:
    """Make the portal's signing key where there is none; read at the next start of a process."""
    with suppress(FileExistsError):
        handle = os.open(settings.SECRET_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "w", encoding="ascii") as sink:
            sink.write(secrets.token_urlsafe(48))
