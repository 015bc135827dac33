"""`up`, `down`, `status`: what they refuse, what they say, and that nothing stays behind a failed start."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from typer.testing import CliRunner

from kindelpost.cli import example, status, up
from kindelpost.cli.main import app
from kindelpost.config.version import VERSION
from kindelpost.engines import instance as instances
from kindelpost.engines.facts import Layout
from kindelpost.engines.host import ground
from kindelpost.engines.states import worst as whole
from kindelpost.engines.supervise import Supervisor
from kindelpost.lib.errors import EngineFault, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENGINE: dict[str, Any] = {
    "name": "postfix", "version": "3.7.11", "account": "postfix", "state": "ready", "since": None, "listens": [],
    "said": "Answers as mail.kindelpost.example, after a long while in which it said nothing at all.", "limits": "",
}  # fmt: skip
FOUND: dict[str, Any] = {
    "state": "ready", "dir": "/srv/kp", "ca": None, "engines": [ENGINE], "root": [],
    "sockets": {"undeclared": [], "missing": []},
    "endpoints": {"mx": {"host": "127.0.0.1", "port": 20025}, "portal": {"url": "https://127.0.0.1:20443/"}},
}  # fmt: skip


@pytest.fixture
def signals() -> Iterator[None]:
    """`up` and `_stop` set handlers: the test process gets its own back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def evaluation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signals: None) -> Path:
    """A folder with an evaluation's configuration; we count as root, and every account may pass through."""
    monkeypatch.setattr(ground, "check_root", lambda: None)
    monkeypatch.setattr(ground, "check_folder", lambda _root: None)
    assert instances.make_evaluation(tmp_path / "kp", port_base=21000)
    return tmp_path / "kp"


def test_the_version_is_that_of_the_changelog() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"kindelpost {VERSION}\n")


def test_without_words_it_shows_what_people_need() -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    assert all(word in result.stdout for word in ("up", "status", "apply", "mailbox", "send-as"))


@pytest.mark.parametrize("words", [["nonsense"], ["up", "--port-base", "many"], ["status", "--nope"]])
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


@pytest.mark.parametrize("command", ["up", "down", "status", "apply"])
def test_who_is_not_root_is_told_so(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 65534)
    result = CliRunner().invoke(app, [command, "--dir", str(tmp_path)])
    assert isinstance(result.exception, EngineFault)
    assert result.exception.code == "not-root"


def test_an_evaluation_moves_to_another_port_base(evaluation: Path) -> None:
    assert instances.move(evaluation, 22000)
    assert instances.open_instance(evaluation).service.listen.port_base == 22000
    assert not instances.move(evaluation, 22000)


def test_an_operators_own_configuration_is_not_moved(evaluation: Path) -> None:
    config = evaluation / "kindelpost.toml"
    config.write_text('hostname = "mail.firma.ee"\n', encoding="utf-8")
    with pytest.raises(Refused, match=r"listen\.port_base = 0"):
        instances.move(evaluation, 22000)
    assert config.read_text(encoding="utf-8") == 'hostname = "mail.firma.ee"\n'


def test_a_running_service_is_not_started_again_and_not_stopped(evaluation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Supervisor, "up", lambda _self: True)
    monkeypatch.setattr(up, "_stop", lambda _root: pytest.fail("it was stopped"))
    with pytest.raises(Refused, match="running already"):
        up.up(evaluation, detach=True)


@pytest.mark.parametrize(("failure", "detach"), [(EngineFault("port-taken", "taken"), True), (EngineFault("x", "x"), False)])
def test_nothing_stays_behind_a_start_that_failed(
    evaluation: Path, monkeypatch: pytest.MonkeyPatch, failure: EngineFault, *, detach: bool
) -> None:
    stopped: list[Path] = []

    def fail(_instance: object) -> None:
        raise failure

    monkeypatch.setattr(Supervisor, "up", lambda _self: False)
    monkeypatch.setattr(up, "_ready", fail)
    monkeypatch.setattr(up, "_stop", stopped.append)
    with pytest.raises(EngineFault):
        up.up(evaluation, detach=detach)
    assert stopped == [evaluation]


def test_engines_that_did_start_may_show_why_another_did_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Supervisor, "up", lambda _self: True)
    monkeypatch.setattr(up, "_stop", lambda _root: pytest.fail("it was stopped"))
    failed = EngineFault("apply-failed", "rspamd did not answer", "It is new.")
    up._after_failure(tmp_path, failed, detach=True)
    assert failed.hint.startswith("It is new.\nThe rest runs on")


def test_an_ignored_hangup_stays_ignored(signals: None) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    up._end_at_signals()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler


def test_the_last_words_name_commands_of_this_instance(evaluation: Path) -> None:
    text = up._next(instances.open_instance(evaluation), 7.6, detach=True)
    assert "Ready after 8 s." in text
    assert f"./kindelpost down --dir {evaluation}" in text


def test_status_says_everything_within_80_columns() -> None:
    text = status._text(FOUND)
    assert max(map(len, text.splitlines())) <= 80
    assert "nothing at all." in text.replace("\n", " ")
    assert "The service in /srv/kp is ready." in text


def test_status_names_what_nobody_declared_and_what_is_missing() -> None:
    text = status._text({**FOUND, "sockets": {"undeclared": ["tcp://0.0.0.0:31337"], "missing": ["mx:20025"]}})
    assert "! Nobody declared tcp://0.0.0.0:31337" in text
    assert "! Nothing listens for mx:20025" in text


def test_status_of_a_service_that_is_down_says_how_to_start_it() -> None:
    assert "./kindelpost up --dir /srv/kp" in status._text({**FOUND, "state": "down"})


@pytest.mark.parametrize(
    ("states", "worst"),
    [(["ready", "down"], "down"), (["ready", "degraded", "starting"], "degraded"), (["ready"], "ready"), ([], "down")],
)
def test_the_whole_is_as_well_as_its_worst_part(states: list[str], worst: str) -> None:
    assert whole(states) == worst


def test_example_passwords_are_made_once_and_are_roots_alone(evaluation: Path) -> None:
    opened = instances.open_instance(evaluation)
    first = example.logins(opened)
    assert example.logins(opened) == first
    assert set(first) == {"mari@kadakas.example", "jaan@kadakas.example", "piret@pihlakas.example"}
    assert len(set(first.values())) == 3
    assert (evaluation / example.LOGINS).stat().st_mode & 0o777 == 0o600


def test_the_outside_world_hears_every_record_of_every_client_once() -> None:
    class World:
        def __init__(self) -> None:
            self.said: dict[tuple[str, str], list[str]] = {}
            self.published = 0

        def set(self, name: str, kind: str, values: list[str]) -> None:
            self.said[name, kind] = values

        def publish(self) -> None:
            self.published += 1

    world = World()
    records = {
        "a.example": [("a.example", "TXT", "one"), ("r.example", "TXT", "x")],
        "b.example": [("r.example", "TXT", "y")],
    }
    example.publish(cast("Any", world), records)
    assert world.said == {("a.example", "TXT"): ["one"], ("r.example", "TXT"): ["x", "y"]}
    assert world.published == 1


def test_the_samples_hold_one_of_each_kind() -> None:
    samples = example._samples()
    assert sum(example.EICAR in sample.body for sample in samples) == 1
    assert sum(example.GTUBE in sample.body for sample in samples) == 1
    assert sum(sample.signed for sample in samples) == 1


def test_how_to_log_in_names_the_port_and_every_example_mailbox(evaluation: Path) -> None:
    text = "\n".join(
        example.how_to_log_in(replace(instances.open_instance(evaluation), engines=()), {"mari@kadakas.example": "pw"})
    )
    assert "port 21993" in text
    assert str(Layout(evaluation).tls("ca") / "ca.pem") in text


FATES = {"a virus (EICAR)": 554, "spam (GTUBE)": 554, "forged in a client's name": 554, "forged, its domain asks p=reject": 554}


@pytest.mark.parametrize("wrong", ["", "clean", "a virus (EICAR)"])
@pytest.mark.parametrize("code", [250, 451, 554])
def test_up_fails_when_sample_mail_does_not_meet_its_fate(wrong: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 4xx is no verdict; what should arrive must, what should be refused must be refused for good."""

    def sent(_instance: object, sample: example.Sample, *_rest: object) -> tuple[int, str]:
        return (code if sample.what == wrong else FATES.get(sample.what, 250)), ""

    monkeypatch.setattr(example, "_send", sent)
    monkeypatch.setattr(example, "_where", lambda *_: "delivered to INBOX")
    lines = example.send_samples(cast("Any", None), {"mari@kadakas.example": "x"})
    due = {"": code, "clean": 250, "a virus (EICAR)": 554}[wrong]
    if code == due:
        assert len(list(lines)) == 8
        return
    with pytest.raises(EngineFault, match=r"sample mail") as fault:
        list(lines)
    assert fault.value.code == "sample-fate"
    assert wrong in fault.value.message
