"""Django's settings, derived from the instance that KINDELPOST_DIR names and its kindelpost.toml.

Without KINDELPOST_DIR there is no database: only code that needs none runs. KP_TEST_DATABASE (a postgresql:// address) makes
the test suite use PostgreSQL.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from kindelpost.config.load import load
from kindelpost.config.portal import *  # noqa: F403 -- the portal's part of Django's settings
from kindelpost.config.service import Service

BUSY_SECONDS = 20  # how long a writer waits for another before it gives up


def database(url: str, file: Path | str) -> dict[str, Any]:
    """`sqlite` is a file of the instance; a postgresql:// address is a server, whose name and password may be %-encoded."""
    if url == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(file),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",  # a transaction that will write never fails half-way on a lock
                "timeout": BUSY_SECONDS,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.removeprefix("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
    }


_named = os.environ.get("KINDELPOST_DIR")
INSTANCE = Path(_named or "/nonexistent")
_toml, _state = INSTANCE / "kindelpost.toml", INSTANCE / "data" / "control"
SERVICE = load(_toml) if _toml.exists() else Service()
KEY_FILE = Path(os.environ.get("KINDELPOST_KEY_FILE") or _state / "field.key")
DATABASES = {
    "default": database(
        os.environ.get("KP_TEST_DATABASE") or SERVICE.database.url, _state / "db.sqlite3" if _named else ":memory:"
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [  # ours floor by floor from below: the reactions to one event run in this order
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "kindelpost.journal.apps.JournalConfig",
    "kindelpost.practice.apps.PracticeConfig",
    "kindelpost.accounts.apps.AccountsConfig",
    "kindelpost.tenants",
    "kindelpost.engines",
    "kindelpost.sending",
    "kindelpost.api",
    "kindelpost.web.apps.WebConfig",
]
# Signs sessions' contents, links of forms and the cookies of known devices; made by `prepare_secret_key`.
SECRET_KEY_FILE = _state / "portal.key"
try:
    SECRET_KEY = SECRET_KEY_FILE.read_text(encoding="ascii")
except OSError:  # no instance, or not its account: what needs no portal runs on
    SECRET_KEY = secrets.token_urlsafe(48)
ALLOWED_HOSTS = [SERVICE.hostname, *(["localhost"] if SERVICE.evaluation else [])]
TIME_ZONE = "UTC"
USE_TZ = True
