"""One instance for all journeys, started by the launcher as a person would, stopped and removed at the end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from e2e.service import Service, scratch, started, unique

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The running service. With KP_E2E_KEEP set, one that runs already is used and left running."""
    yield from started(Service(scratch(), int(os.environ.get("KP_E2E_PORT_BASE", "29000"))))


@pytest.fixture(scope="session")
def mari(service: Service) -> str:
    """A mailbox of the first client."""
    return service.mailbox("kadakas.example", local=unique("mari"))


@pytest.fixture(scope="session")
def jaan(service: Service) -> str:
    """Another mailbox of the same client."""
    return service.mailbox("kadakas.example", local=unique("jaan"))


@pytest.fixture(scope="session")
def piret(service: Service) -> str:
    """A mailbox of the other client."""
    return service.mailbox("pihlakas.example", local=unique("piret"))
