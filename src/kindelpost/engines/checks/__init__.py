"""The checks of what the engines do: a module a subject, each check tried against the running service."""

from __future__ import annotations

from kindelpost.engines.checks import inventory, phishing

__all__ = ["inventory", "phishing"]
