"""Workers that claim from one database at once: WORKERS, CHECKS. A script of the tests; prints who got what as JSON."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from pathlib import Path

from kindelpost.config import database

__all__ = ["main"]


def work(name: str, sink: multiprocessing.SimpleQueue[tuple[str, list[int]]]) -> None:
    """Claim until nothing is left; never give back."""
    from kindelpost.lib.clock import now  # noqa: PLC0415 -- needs Django set up
    from kindelpost.practice.leases import claim  # noqa: PLC0415 -- needs Django set up
    from kindelpost.practice.models import CheckState  # noqa: PLC0415 -- needs Django set up

    got: list[int] = []
    while waiting := list(CheckState.objects.filter(lease_until=None, next_due__lte=now()).order_by("id")[:20]):
        got += [state.pk for state in waiting if claim(state, name, 20)]
    sink.put((name, got))


def main() -> None:
    """Make the rows, let the workers loose, print what each got."""
    workers, rows = int(sys.argv[1]), int(sys.argv[2])
    database.setup(Path(os.environ["KINDELPOST_DIR"]))
    database.migrate()
    from django.db import connections  # noqa: PLC0415 -- needs Django set up

    from kindelpost.lib.clock import now  # noqa: PLC0415 -- needs Django set up
    from kindelpost.practice.models import CheckState  # noqa: PLC0415 -- needs Django set up

    CheckState.objects.bulk_create(
        CheckState(check_id="P3.1", version=1, target_kind="domain", target_id=str(number), ttl_s=60, next_due=now())
        for number in range(rows)
    )
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    sink: multiprocessing.SimpleQueue[tuple[str, list[int]]] = fork.SimpleQueue()
    children = [fork.Process(target=work, args=(f"w{number}", sink)) for number in range(workers)]
    for child in children:
        child.start()
    print(json.dumps([sink.get() for _ in children]))  # noqa: T201 -- what the test reads
    for child in children:
        child.join()


if __name__ == "__main__":
    main()
