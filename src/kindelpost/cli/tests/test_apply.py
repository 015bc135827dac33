"""`apply` names what differs, and hides what is secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kindelpost.cli import apply
from kindelpost.config.service import Database, Limits, Service
from kindelpost.engines import instance as instances
from kindelpost.engines.apply import Applied
from kindelpost.engines.base import Probe
from kindelpost.engines.host import ground
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

OLD = Service().model_dump(mode="json")


def _differences(new: Service) -> list[str]:
    return list(apply._differences(OLD, new.model_dump(mode="json")))


def test_a_changed_setting_is_named_with_both_values() -> None:
    assert _differences(Service(limits=Limits(message_bytes=2_000_000))) == ["limits.message_bytes: 50000000 → 2000000"]


def test_nothing_changed_says_nothing() -> None:
    assert not _differences(Service())


def test_the_databases_password_is_never_shown() -> None:
    lines = _differences(Service(database=Database(url="postgresql://kp:hunter2@localhost/kp")))
    assert lines == ["database.url is changed"]


def test_a_service_that_does_not_run_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "check_root", lambda: None)
    monkeypatch.setattr(ground, "check_folder", lambda _root: None)
    instances.make_evaluation(tmp_path / "kp", port_base=21000)
    with pytest.raises(Refused, match="does not run"):
        apply._running(tmp_path / "kp")


@pytest.mark.parametrize(
    ("changed", "words"),
    [([], "Nothing to do: 2 engines"), (["postfix"], "In force: postfix."), (["postfix", "nginx"], "In force: every engine.")],
)
def test_the_end_says_which_engines_changed(changed: list[str], words: str) -> None:
    done = [Applied(name, "v", name in changed, Probe(ok=True, said="")) for name in ("postfix", "nginx")]
    assert words in apply._end(done)
