"""An instance of its own: its configuration is broken on purpose, and other journeys must not see that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.service import Service, scratch, started, unique

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    yield from started(Service(scratch().with_name(f"{scratch().name}-change"), 28000))


@pytest.fixture(scope="session")
def mari(service: Service) -> str:
    return service.mailbox("kadakas.example", local=unique("mari"))
