"""The worker: answers the journal, keeps the clock, tries the service.

Run as kp-control: `python -m kindelpost.cli.worker run --dir DIR`.

`prepare` comes once before the engines start: tables up to date, every map in its place.
"""

from __future__ import annotations

import logging
import signal
import threading
from typing import TYPE_CHECKING

import typer

from kindelpost.cli.session import Dir, session

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

__all__ = ["app", "work"]

app = typer.Typer(help="The worker (started by the service itself).")
log = logging.getLogger("kindelpost.worker")
PAUSE_SECONDS = 0.1
TROUBLE_SECONDS = 2.0  # the database is away: try again, gently


def work(stop: threading.Event) -> None:
    """Make every map equal to the tables once, then answer entries and timers until `stop`."""
    from django.db import connection

    steps = _steps()
    while not stop.is_set():
        try:
            pause = next(steps)
        except Exception:  # the top of the loop: the journal keeps what failed, the maps that are there serve on
            log.exception("the worker failed; it goes on in %s s", TROUBLE_SECONDS)
            steps.close()
            connection.close()
            steps, pause = _steps(), TROUBLE_SECONDS
        stop.wait(pause)
    steps.close()


def _steps() -> Generator[float]:
    """One step of work at a time; yields the seconds to pause after it."""
    from kindelpost.accounts.timers import tick as tidy
    from kindelpost.engines.maps import publish_all
    from kindelpost.journal.sweep import sweep
    from kindelpost.practice.timers import Round
    from kindelpost.tenants.timers import tick

    differed = {name: count for name, count in publish_all().items() if count}
    log.info("maps are equal to the tables; rows that differed: %s", differed or "none")
    tries = Round()
    try:
        while True:
            beat()
            tick()
            tidy()
            tries.step()
            yield 0 if sweep() else PAUSE_SECONDS
    finally:
        tries.stop()


def beat() -> None:
    """Say that we are alive, where the probe looks."""
    from kindelpost.engines.control import heartbeat
    from kindelpost.engines.maps import layout

    heartbeat(layout().run("control")).touch()


@app.command()
def prepare(directory: Dir = None) -> None:
    """Bring the tables up to date and write every map, so that an engine finds its own at its first start."""
    with session(directory, wait=False):
        from kindelpost.config.database import migrate, prepare_secret_key
        from kindelpost.engines import canary
        from kindelpost.engines.maps import publish_all

        migrate()
        prepare_secret_key()
        canary.ensure()
        publish_all()


@app.command()
def run(directory: Dir = None) -> None:
    """Work until SIGTERM or SIGINT, finishing what is begun."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with session(directory, wait=False):
        from kindelpost.config.database import migrate
        from kindelpost.engines import canary

        migrate()  # `apply` may have brought newer code
        canary.ensure()
        log.info("ready")
        work(stop)
        log.info("ended")


if __name__ == "__main__":
    app()
