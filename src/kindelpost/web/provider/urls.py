"""The addresses of the provider's face. A word in angle brackets names an object: the matrix of tests tries each."""

from __future__ import annotations

from django.urls import URLPattern, path

from kindelpost.web.provider import clients, engines, journal, people, views

urlpatterns: list[URLPattern] = [
    path("provider/", views.home, name="home-provider"),
    path("provider/clauses/<str:clause>/", views.clause, name="provider-clause"),
    path("provider/evidence/", views.evidence_file, name="provider-evidence"),
    path("provider/evidence/<int:seq>/", views.record, name="provider-record"),
    path("provider/clients/", clients.clients, name="provider-clients"),
    path("provider/clients/new/", clients.create, name="provider-client-new"),
    path("provider/clients/<str:client>/", clients.client, name="provider-client"),
    path("provider/clients/<str:client>/remove/", clients.remove, name="provider-client-remove"),
    path("provider/clients/<str:client>/domains/new/", clients.add_domain, name="provider-domain-new"),
    path("provider/domains/<str:domain>/", clients.domain_page, name="provider-domain"),
    path("provider/domains/<str:domain>/zone/", clients.zone, name="provider-zone"),
    path("provider/domains/<str:domain>/remove/", clients.remove_domain, name="provider-domain-remove"),
    path("provider/engines/", engines.engines, name="provider-engines"),
    path("provider/journal/", journal.journal, name="provider-journal"),
    path("provider/people/", people.people, name="provider-people"),
    path("provider/people/new/", people.add, name="provider-person-new"),
    path("provider/people/<str:space>/<str:person>/", people.person_page, name="provider-person"),
    path("provider/people/<str:space>/<str:person>/link/", people.link, name="provider-person-link"),
    path("provider/people/<str:space>/<str:person>/recover/", people.recover, name="provider-person-recover"),
    path("provider/people/<str:space>/<str:person>/remove/", people.remove, name="provider-person-remove"),
]
