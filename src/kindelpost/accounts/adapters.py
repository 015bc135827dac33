"""Where django-allauth asks us: who may sign in and how, what is sealed, what is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kindelpost.accounts.actions import note_credentials, note_sign_in
from kindelpost.accounts.limits import begin
from kindelpost.accounts.models import Person
from kindelpost.accounts.proof import address_of, known_device, means_of, remember_device
from kindelpost.accounts.queries import PROOFS
from kindelpost.config.sealing import open_sealed, seal
from kindelpost.journal.events import Event
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest, HttpResponseBase

__all__ = ["AccountAdapter", "SecondFactorAdapter"]

ANNOUNCED = {  # allauth tells of each change of a credential by the name of a mail; ours goes to the journal
    "mfa/email/webauthn_added": Event.PERSON_PASSKEY_ADDED,
    "mfa/email/webauthn_removed": Event.PERSON_PASSKEY_REMOVED,
    "mfa/email/totp_activated": Event.PERSON_TOTP_ADDED,
    "mfa/email/totp_deactivated": Event.PERSON_TOTP_REMOVED,
    "mfa/email/recovery_codes_generated": Event.PERSON_CODES_MADE,
}


class AccountAdapter(DefaultAccountAdapter):
    """Signing in, by a space's own door."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are added by others."""
        del request
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """As nginx says."""
        return address_of(request)

    def get_login_stages(self) -> list[str]:
        """Enrolled, then proved by a second factor; there is no setting in between (M4.3)."""
        return ["kindelpost.accounts.stages.EnrolledStage", "allauth.mfa.stages.AuthenticateStage"]

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        """The person of this space with this password; tries are counted (T21)."""
        account = f"{credentials.get('space')}/{str(credentials.get('username', '')).strip().lower()}"
        try:
            tried = begin(account, address_of(request), device=known_device(request, account))
        except Refused as refused:
            raise self.validation_error("too_many_login_attempts") from refused
        person = authenticate(request, **credentials)
        if not isinstance(person, Person):
            return None
        tried.succeeded()
        return person

    def post_login(self, request: HttpRequest, user: Person, **hooks: Any) -> HttpResponseBase:
        """Signed in: write it down, remember the device, go home."""
        response: HttpResponseBase = super().post_login(request, user, **hooks)
        note_sign_in(user, means=means_of(request, user), address=address_of(request))
        remember_device(request, response, str(user))
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Each space has its own home."""
        person = request.user
        return reverse(f"home-{person.space}") if isinstance(person, Person) else reverse("public")

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponseBase:
        """As if there were no such account."""
        del request
        return HttpResponseRedirect(reverse(f"sign-in-{user.space}"))

    def get_reauthentication_methods(self, user: Person | AnonymousUser) -> list[dict[str, str]]:
        """Before credentials change their owner proves again, never by a password alone."""
        if not user.is_authenticated:
            return []
        kinds: Collection[str] = Authenticator.objects.filter(user=user).values_list("type", flat=True)
        ways = {
            Authenticator.Type.WEBAUTHN: "mfa_reauthenticate_webauthn",
            Authenticator.Type.TOTP: "mfa_reauthenticate",
            Authenticator.Type.RECOVERY_CODES: "mfa_reauthenticate",
        }
        names = dict.fromkeys(way for kind, way in ways.items() if kind in kinds)
        return [{"id": name, "description": "", "url": reverse(name)} for name in names]

    def send_notification_mail(self, template_prefix: str, user: Person, *_args: Any, **_kwargs: Any) -> None:
        """A credential changed: the journal tells."""
        if event := ANNOUNCED.get(template_prefix):
            note_credentials(user, event)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Passkeys, authenticator apps, recovery codes."""

    def encrypt(self, text: str) -> str:
        """Secrets lie sealed in the database (M3.5)."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """What was sealed."""
        return open_sealed(encrypted_text)

    def is_mfa_enabled(self, user: Person, types: Collection[str] | None = None) -> bool:
        """Of the sealed account any factor counts: it has its codes alone, and they are asked for."""
        sealed = getattr(user, "break_glass", False)
        return bool(super().is_mfa_enabled(user, types=None if sealed else types))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Never the last second factor of somebody who must have one (M4.3)."""
        person = authenticator.user
        left = Authenticator.objects.filter(user=person, type__in=PROOFS).exclude(pk=authenticator.pk)
        return not person.must_prove_twice or left.exists()

    def get_totp_label(self, user: Person) -> str:
        """What the authenticator app shows."""
        return user.login

    def _get_user_identifier(self, user: Person) -> str:
        return str(user)

    def _get_site_name(self) -> str:
        return str(settings.SERVICE.provider.name)

    def generate_authenticator_name(self, user: Person, type: str) -> str:  # noqa: A002 -- allauth's form
        """The place of a name that its owner gives."""
        return f"{_('Passkey')} {Authenticator.objects.filter(user=user, type=type).count() + 1}"
