"""Accounts as a part of Django."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["AccountsConfig"]


class AccountsConfig(AppConfig):
    """People and tokens."""

    name = "kindelpost.accounts"
    label = "accounts"
