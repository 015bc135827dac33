"""The checks of what the engines do: a module a subject, each check tried against the running service."""

from __future__ import annotations

from kindelpost.engines.checks import inventory, scanner, scanning

__all__ = ["inventory", "scanner", "scanning"]
