"""Finds every room's checks when Django starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

__all__ = ["PracticeConfig"]


class PracticeConfig(AppConfig):
    """The practice as a Django app."""

    name = "kindelpost.practice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import `checks.py` (or `checks/`) of every installed room."""
        autodiscover_modules("checks")
