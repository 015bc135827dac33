"""Every address of the portal. Names of allauth's own pages are those that it asks for."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from kindelpost.accounts.models import Space
from kindelpost.web.client import urls as client
from kindelpost.web.home import views as home
from kindelpost.web.people import enrolment, language, security, signing_in
from kindelpost.web.provider import urls as provider
from kindelpost.web.public import views as public

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.practice, name="public"),
    path("language/", language.choose, name="language"),
    path("sign-in/", signing_in.doors, name="account_login"),
    path("sign-in/second-step/", signing_in.SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-out/", signing_in.sign_out, name="account_logout"),
    path("enrol/", enrolment.begin, name="enrol"),
    path("enrol/passkey/", enrolment.Passkey.as_view(), name="enrol-passkey"),
    path("enrol/password/", enrolment.password, name="enrol-password"),
    path("enrol/app/", enrolment.App.as_view(), name="enrol-app"),
    path("enrol/codes/", enrolment.Codes.as_view(), name="enrol-codes"),
    path("enrol/finish/", enrolment.finish, name="enrol-finish"),
    path("enrol/link/<str:token>/", enrolment.link, name="enrol-link"),
    path("security/", security.overview, name="mfa_index"),
    path("security/confirm/code/", security.ConfirmCode.as_view(), name="mfa_reauthenticate"),
    path("security/confirm/passkey/", security.ConfirmPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("security/password/", security.password, name="password"),
    path("security/passkeys/add/", security.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("security/passkeys/<int:pk>/remove/", security.RemovePasskey.as_view(), name="passkey-remove"),
    path("security/app/add/", security.AddApp.as_view(), name="mfa_activate_totp"),
    path("security/app/remove/", security.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("security/codes/", security.Codes.as_view(), name="mfa_view_recovery_codes"),
    path("security/codes/new/", security.NewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("security/sessions/end/", security.end_sessions, name="sessions-end"),
    path("mailbox/", home.mailbox, name="home-mailbox"),
    path("api/", include("kindelpost.api.urls")),  # the other door, named and not imported
]
urlpatterns += [*provider.urlpatterns, *client.urlpatterns]
for space in Space:
    urlpatterns += [
        path(f"{space}/sign-in/", signing_in.SignIn.as_view(space=space), name=f"sign-in-{space}"),
        path(f"{space}/sign-in/passkey/", signing_in.SignInPasskey.as_view(space=space), name=f"sign-in-passkey-{space}"),
    ]

handler400 = "kindelpost.web.errors.bad_request"
handler403 = "kindelpost.web.errors.forbidden"
handler404 = "kindelpost.web.errors.missing"
handler500 = "kindelpost.web.errors.broken"
