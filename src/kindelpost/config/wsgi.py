"""The portal as a WSGI application; granian serves it on a Unix socket."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

__all__ = ["application"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindelpost.config.settings")
application = get_wsgi_application()
