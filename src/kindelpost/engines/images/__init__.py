"""The images of mail: what the QR codes in them say. Serves P3.4.

A scanner like clamd: an account and a socket of its own, no network, and each image in a process that ends with it, bounded in
time, memory and pixels, since decoders of images break. Rspamd asks (`rspamd/lua/qr.lua`) and defers mail while nobody answers.
It never opens what a code points to.
"""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import TYPE_CHECKING

from kindelpost.engines.base import Directory, Engine, Probe, Process, Sandbox
from kindelpost.engines.facts import ACCOUNTS
from kindelpost.engines.images import client
from kindelpost.engines.images.render import argv, render, socket

if TYPE_CHECKING:
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["ENGINE"]

ACCOUNT = ACCOUNTS["images"]


def _version() -> str:
    """The decoder's release."""
    return installed("zxing-cpp")


def _validate(_facts: Facts, _staged: Path) -> list[str]:
    return []  # there is nothing to set


def _probe(facts: Facts) -> Probe:
    """The known code must be read."""
    try:
        said = client.scan(socket(facts), client.SAMPLE)
    except OSError as trouble:
        return Probe(
            ok=False, said=f"The scanner of images does not answer: {trouble}. Mail with images is deferred meanwhile."
        )
    if said != ["OK", client.SAMPLE_TEXT]:
        return Probe(ok=False, said=f"The scanner of images answers wrongly: {said}")
    return Probe(ok=True, said="Reads QR codes.")


def _processes(facts: Facts) -> tuple[Process, ...]:
    env = {"PYTHONPATH": str(facts.layout.code)}
    sandbox = Sandbox(writes=(facts.layout.run("images"),), network=False)
    return (Process("images", argv(facts), ACCOUNT, env=env, ours=True, sandbox=sandbox),)


def _directories(facts: Facts) -> tuple[Directory, ...]:
    return (Directory(facts.layout.run("images"), ACCOUNT, ACCOUNTS["rspamd"], 0o2750),)


ENGINE = Engine(
    name="images",
    account=ACCOUNT,
    render=render,
    validate=_validate,
    probe=_probe,
    version=_version,
    processes=_processes,
    directories=_directories,
)
