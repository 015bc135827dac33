"""Whatever is sent, fitting or not, the API answers as its own description says, and never breaks (schemathesis)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from schemathesis.checks import positive_data_acceptance

from kindelpost.api.service import api
from kindelpost.api.tests.conftest import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kindelpost.api.tests.conftest import Program

schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="api/v1/"))
schema.app = get_wsgi_application()
FEW = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """A request's end does not close the connection in whose transaction the test runs, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.timeout(120)
@schema.parametrize()
@FEW
def test_answers_are_as_described(case: schemathesis.Case[Any], program: Program) -> None:
    role = "provider" if len(str(case.body)) % 2 else "alfa"
    headers = {"Authorization": f"Bearer {program.tokens[role]}", "X-Real-IP": HERE}
    with transaction.atomic():
        case.call_and_validate(
            base_url="https://mail.kindelpost.example",
            headers=headers,
            excluded_checks=[positive_data_acceptance],  # a password that fits its description may yet be weak: 422
        )
        transaction.set_rollback(True)
