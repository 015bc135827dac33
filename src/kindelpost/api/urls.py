"""Addresses below /api/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from kindelpost.api import reference
from kindelpost.api.service import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", reference.page, name="api-reference"),
    path("v1/", api.urls),
    re_path("", reference.nothing),
]
