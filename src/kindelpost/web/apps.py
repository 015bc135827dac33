"""The portal as a part of Django: templates, styles, words."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["WebConfig"]


class WebConfig(AppConfig):
    """Pages."""

    name = "kindelpost.web"
