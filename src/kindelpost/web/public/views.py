"""The provider's public page: the state of the practice, whom to tell of a vulnerability. Works without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import render

from kindelpost.practice.shown import public_table

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["practice"]


def practice(request: HttpRequest) -> HttpResponse:
    """Every sentence with its verdict; no check's details."""
    found = {"table": public_table(), "hostname": settings.SERVICE.hostname}
    return render(request, "public/practice.html", found)
