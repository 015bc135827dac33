"""The addresses of the client's face. A word in angle brackets names an object: the matrix of tests tries each."""

from __future__ import annotations

from django.urls import URLPattern, path

from kindelpost.web.client import aliases, domains, grants, home, journal, mailboxes

urlpatterns: list[URLPattern] = [
    path("client/", home.home, name="home-client"),
    path("client/clauses/<str:clause>/", home.clause, name="client-clause"),
    path("client/evidence/", home.evidence_file, name="client-evidence"),
    path("client/domains/", domains.domains, name="client-domains"),
    path("client/domains/<str:domain>/", domains.domain_page, name="client-domain"),
    path("client/domains/<str:domain>/zone/", domains.zone, name="client-zone"),
    path("client/mailboxes/", mailboxes.mailboxes, name="client-mailboxes"),
    path("client/mailboxes/new/", mailboxes.create, name="client-mailbox-new"),
    path("client/mailboxes/<str:mailbox>/", mailboxes.mailbox_page, name="client-mailbox"),
    path("client/mailboxes/<str:mailbox>/state/", mailboxes.state, name="client-mailbox-state"),
    path("client/mailboxes/<str:mailbox>/quota/", mailboxes.quota, name="client-mailbox-quota"),
    path("client/mailboxes/<str:mailbox>/password/", mailboxes.password, name="client-mailbox-password"),
    path("client/mailboxes/<str:mailbox>/remove/", mailboxes.remove, name="client-mailbox-remove"),
    path("client/aliases/", aliases.aliases, name="client-aliases"),
    path("client/aliases/new/", aliases.create, name="client-alias-new"),
    path("client/aliases/<str:alias>/remove/", aliases.remove, name="client-alias-remove"),
    path("client/send-as/", grants.grants, name="client-grants"),
    path("client/send-as/new/", grants.create, name="client-grant-new"),
    path("client/send-as/<str:mailbox>/<str:address>/revoke/", grants.revoke, name="client-grant-revoke"),
    path("client/journal/", journal.journal, name="client-journal"),
]
