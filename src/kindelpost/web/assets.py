"""Styles and scripts are cached long: their address carries the version of the program."""

from __future__ import annotations

from django.contrib.staticfiles.storage import StaticFilesStorage

from kindelpost.config.version import VERSION

__all__ = ["Versioned"]


class Versioned(StaticFilesStorage):
    """Plain files, addressed as `name?v=version`."""

    def url(self, name: str | None) -> str:
        """Where the file is."""
        return f"{super().url(name)}?v={VERSION}"
