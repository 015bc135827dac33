"""The worker goes on through trouble and ends when it is told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from kindelpost.cli import worker

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


def test_it_goes_on_after_a_failure_and_begins_again_with_a_full_publish(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    begun: list[int] = []

    def steps() -> Iterator[float]:
        begun.append(len(begun))
        if len(begun) == 1:
            yield 0
            raise OSError("the disk is full")
        stop.set()
        yield 0

    monkeypatch.setattr(worker, "_steps", steps)
    monkeypatch.setattr(worker, "TROUBLE_SECONDS", 0.0)
    monkeypatch.setattr("django.db.connection.close", lambda: None)
    worker.work(stop)
    assert begun == [0, 1]


def test_a_stopped_worker_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    stop.set()
    monkeypatch.setattr("kindelpost.journal.sweep.sweep", lambda: pytest.fail("it worked on"))
    worker.work(stop)
