"""What a request shows of who sends it: its address, the known device, how its session was proved."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.account.internal.flows.login import get_authentication_records
from django.core import signing

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from kindelpost.accounts.models import Person

__all__ = ["ENROLLING", "address_of", "is_proved", "known_device", "means_of", "remember_device"]

COOKIE = "__Host-device"
SALT = "kindelpost.accounts.device"
KNOWN = timedelta(days=180)
ENROLLING = "enrolling"  # in the session: opened by a link, reaches enrolment alone


def address_of(request: HttpRequest) -> str:
    """Whence it came, as nginx says; nothing else reaches the portal's socket."""
    return str(request.META.get("HTTP_X_REAL_IP") or request.META.get("REMOTE_ADDR") or "127.0.0.1")


def means_of(request: HttpRequest, person: Person) -> list[str]:
    """By what this session was proved to be `person`'s: password, webauthn, totp, recovery_codes."""
    records = get_authentication_records(request, person)
    return sorted({str(one.get("type") or one["method"]) for one in records})


def is_proved(request: HttpRequest, person: Person) -> bool:
    """A second factor or a passkey was shown in this session."""
    return any(one["method"] == "mfa" for one in get_authentication_records(request, person))


def known_device(request: HttpRequest, account: str) -> str:
    """The id of the device where the account has signed in before; empty for any other."""
    try:
        owner, device = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KNOWN)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if owner == account else ""


def remember_device(request: HttpRequest, response: HttpResponseBase, account: str) -> None:
    """From now on guessing elsewhere does not lock the account out here (T21)."""
    device = known_device(request, account) or secrets.token_hex(16)
    kept = signing.dumps([account, device], salt=SALT)
    response.set_cookie(COOKIE, kept, max_age=KNOWN, secure=True, httponly=True, samesite="Lax")
