"""A changed configuration takes effect whole or not at all, and mail flows on.

Wrong settings, a broken template, an engine that refuses or does not answer, kill -9 between two steps.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from e2e.service import ROOT, letter, unique
from kindelpost.engines.change import follow
from kindelpost.engines.instance import open_instance
from kindelpost.engines.outside.namespace import find
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from e2e.service import Service
    from kindelpost.engines.base import Engine, File
    from kindelpost.engines.facts import Facts
    from kindelpost.engines.instance import Instance

pytestmark = pytest.mark.timeout(180)
ALICE = "alice@outside.example"
OLD, NEW = 50_000_000, 40_000_000
STEPS = ("stage", "validate", "mark", "swap", "reload", "probe", "settle")
NONSENSE = {  # engine → its file, a line that its own checker must refuse
    "unbound": ("unbound.conf", "server:\n  no-such-option: yes\n"),
    "rspamd": ("rspamd.conf", "}{ this is no UCL\n"),
    "dovecot": ("dovecot.conf", "no_such_setting = yes\n"),
    "postfix": ("main.cf", "no_such_setting = yes\n"),
    "nginx": ("nginx.conf", "no_such_directive on;\n"),
}


@pytest.fixture
def config(service: Service) -> Iterator[Path]:
    """kindelpost.toml, put back and in force again after the test."""
    path = service.folder / "kindelpost.toml"
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")
    service.cli("apply")
    assert size(service) == OLD


def limit(config: Path, count: int) -> None:
    with config.open("a", encoding="utf-8") as file:
        file.write(f"\n[limits]\nmessage_bytes = {count}\n")


def size(service: Service) -> int:
    """The size limit that the mail exchanger says (RFC 1870)."""
    with service.mx() as client:
        return int(client.esmtp_features["size"])


def versions(service: Service) -> dict[str, str]:
    """What is in force: the link of every engine, and of the code."""
    links = [path for path in (service.folder / "etc").iterdir() if path.is_symlink()]
    return {path.name: str(path.readlink()) for path in (*links, service.folder / "code")}


def works(service: Service, to: str) -> bool:
    subject = unique()
    return service.deliver(ALICE, to, letter(ALICE, to, subject))[0] == 250 and service.find(to, subject) is not None


def opened(service: Service) -> Instance:
    return open_instance(service.folder, outside=find(service.folder))


def bent(instance: Instance, name: str, change: Callable[[Mapping[str, File]], Mapping[str, File]]) -> Instance:
    """The same instance, one engine's rendered files changed."""

    def bend(engine: Engine) -> Engine:
        def render(facts: Facts) -> Mapping[str, File]:
            return change(engine.render(facts))

        return replace(engine, render=render) if engine.name == name else engine

    return replace(instance, engines=tuple(map(bend, instance.engines)))


def with_text(file: str, change: Callable[[str], str]) -> Callable[[Mapping[str, File]], Mapping[str, File]]:
    return lambda files: {**files, file: replace(files[file], text=change(files[file].text))}


def killed(instance: Instance, engine: str, step: str) -> None:
    """A change in a process of its own, which is killed just before this step."""

    def tell(now: str, at: str) -> None:
        if (now, at) == (engine, step):
            os.kill(os.getpid(), signal.SIGKILL)

    if not (pid := os.fork()):
        tuple(follow(instance, patience=5.0, tell=tell))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def test_a_changed_setting_takes_effect_and_is_named(service: Service, config: Path, mari: str) -> None:
    limit(config, NEW)
    done = service.cli("apply")
    assert f"limits.message_bytes: {OLD} → {NEW}" in done.out
    assert "In force: " in done.out
    assert size(service) == NEW
    assert "Nothing to do" in service.cli("apply").out
    assert works(service, mari)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[limits]\nmessage_bytes = 1\n", "config-range"),
        ("[limits]\nmessage_byte = 2\n", "message_byte"),
        ("[limits\n", "toml"),
    ],
)
def test_wrong_settings_change_nothing(service: Service, config: Path, text: str, words: str) -> None:
    before = versions(service)
    with config.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}")
    done = service.cli("apply", check=False)
    assert done.code == 1
    assert words in done.err
    assert "Traceback" not in done.err
    assert versions(service) == before
    assert size(service) == OLD


def test_a_broken_template_changes_nothing(service: Service, mari: str, tmp_path: Path) -> None:
    before = versions(service)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    template = next((tmp_path / "src/kindelpost/engines/postfix/templates").rglob("main.cf*"))
    template.write_text(template.read_text(encoding="utf-8") + "{% if never closed\n", encoding="utf-8")
    argv = [sys.executable, "-m", "kindelpost", "apply", "--dir", str(service.folder)]
    done = run(argv, check=False, env={"PYTHONPATH": str(tmp_path / "src")}, timeout=120)
    assert done.code == 3
    assert f"{template.name} line" in done.err
    assert "Traceback" not in done.err
    assert versions(service) == before
    assert works(service, mari)


@pytest.mark.parametrize("name", NONSENSE)
def test_an_engine_that_refuses_its_configuration_keeps_the_old_one(service: Service, name: str, mari: str) -> None:
    before, pids = versions(service), {row.name: row.pid for row in service.instance.supervisor.states().values()}
    file, line = NONSENSE[name]
    with pytest.raises(EngineFault, match=f"{name} refuses the configuration made for it: .*") as refused:
        tuple(follow(bent(opened(service), name, with_text(file, lambda text: text + line))))
    assert refused.value.hint == "Nothing was changed."
    assert versions(service) == before
    assert {row.name: row.pid for row in service.instance.supervisor.states().values()} == pids
    assert works(service, mari)


def test_an_engine_that_does_not_answer_goes_back_and_so_do_those_before_it(service: Service, mari: str) -> None:
    before = versions(service)
    port = str(service.port("portal"))
    changed = bent(
        opened(service), "nginx", with_text("nginx.conf", lambda text: text.replace(f":{port}", f":{service.port_base + 77}"))
    )
    changed = bent(changed, "postfix", with_text("main.cf", lambda text: text.replace(str(OLD), str(NEW))))
    with pytest.raises(EngineFault, match="nginx did not answer") as failed:
        tuple(follow(changed, patience=4.0))
    assert "The old configuration is back and answers." in failed.value.hint
    assert "postfix" in failed.value.hint
    assert versions(service) == before
    assert size(service) == OLD
    assert works(service, mari)
    assert service.json("status")["state"] == "ready"


@pytest.mark.parametrize("step", STEPS)
def test_killed_between_two_steps_mail_flows_on_and_the_next_apply_finishes(
    service: Service, config: Path, mari: str, step: str
) -> None:
    before = versions(service)["postfix"]
    limit(config, NEW)
    killed(opened(service), "postfix", step)
    if step in {"stage", "validate", "mark"}:  # engines before it in the order may have been taken up, each whole
        assert versions(service)["postfix"] == before
        assert size(service) == OLD
    assert works(service, mari)
    assert "postfix" in service.cli("apply").out
    assert size(service) == NEW
    assert not list((service.folder / "etc").glob(".applying-*"))


@pytest.mark.parametrize("step", ["swap", "reload", "probe"])
def test_killed_on_trial_of_a_sick_configuration_the_next_apply_mends_it(service: Service, mari: str, step: str) -> None:
    before = versions(service)
    port = f":{service.port('portal')}"
    killed(
        bent(opened(service), "nginx", with_text("nginx.conf", lambda text: text.replace(port, f":{service.port_base + 77}"))),
        "nginx",
        step,
    )
    assert works(service, mari)
    service.cli("apply")
    assert versions(service) == before
    assert service.json("status")["state"] == "ready"


def test_two_at_once_the_second_is_told_to_wait(service: Service) -> None:
    running = follow(opened(service))
    next(running)
    refused: Any = service.cli("apply", check=False)
    assert refused.code == 3
    assert "Another kindelpost command" in refused.err
    tuple(running)
