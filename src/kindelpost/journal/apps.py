"""Finds every room's reactions when Django starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

__all__ = ["JournalConfig"]


class JournalConfig(AppConfig):
    """The journal as a Django app."""

    name = "kindelpost.journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import `reactions.py` of every installed room."""
        autodiscover_modules("reactions")
