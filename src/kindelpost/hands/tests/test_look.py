from __future__ import annotations

import pwd
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from kindelpost.hands import look as module
from kindelpost.hands.look import Look, become
from kindelpost.lib.errors import Refused
from kindelpost.lib.run import Finished

if TYPE_CHECKING:
    from pathlib import Path

WORLD = {"namespace": "kp-none", "hosts": [("203.0.113.2", "2001:db8:1::2")]}


@pytest.fixture
def look(tmp_path: Path) -> Look:
    (tmp_path / "run" / "hands").mkdir(parents=True)
    made = Look(tmp_path)
    made.remember(programs={"say": ("/bin/echo", "yes"), "fail": ("/bin/sh", "-c", "exit 3")}, outside=WORLD)
    return made


@pytest.mark.parametrize("verb", ["call", "remember", "reload", "ensure-account", "__init__", "_known", ""])
def test_only_verbs_of_the_list_are_done(look: Look, verb: str) -> None:
    with pytest.raises(Refused, match="not on the allow-list"):
        look.call(verb)


def test_what_root_remembered_is_asked_and_nothing_else(look: Look) -> None:
    assert look.call("ask", name="say") == {"code": 0, "out": "yes\n", "err": ""}
    assert look.call("ask", name="fail") == {"code": 3, "out": "", "err": ""}
    for name in ("other", "/bin/sh", "../say", "say\n", ""):
        with pytest.raises(Refused):
            look.call("ask", name=name)


def test_what_root_remembered_is_roots_alone(look: Look) -> None:
    assert look.known.stat().st_mode & 0o777 == 0o600


def test_a_word_more_is_no_request(look: Look) -> None:
    with pytest.raises(TypeError):
        look.call("ask", name="say", argv=["/bin/sh"])


def test_who_asks_while_it_runs_shares_one_run_that_begins_later(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[float] = []

    def slow(argv: list[str], **_more: object) -> Finished:
        begun.append(time.monotonic())
        time.sleep(0.2)
        return Finished(tuple(argv), 0, str(len(begun)), "")

    monkeypatch.setattr(module, "run", slow)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(look.ask, "say")
        time.sleep(0.1)
        asked = time.monotonic()
        rest = [pool.submit(look.ask, "say") for _ in range(5)]
        answers = [one.result()["out"] for one in rest]
    assert first.result()["out"] == "1"
    assert answers == ["2"] * 5
    assert begun[1] > asked, "what was true before one asked is no answer"
    assert look.ask("say")["out"] == "3", "and nothing is kept for later"


@pytest.mark.parametrize("account", ["root", "postdrop", "www-data", "kp-", "kp-x;id", "kp-mail\n", "0", "#0", ""])
def test_no_account_but_the_services_own_is_tried(look: Look, account: str) -> None:
    with pytest.raises(Refused):
        look.call("try-as", account=account, act="read", paths=["x"])


def test_root_under_another_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = pwd.struct_passwd(("kp-twin", "x", 0, 5, "", "/nonexistent", "/usr/sbin/nologin"))
    monkeypatch.setattr(pwd, "getpwnam", lambda _name: twin)
    with pytest.raises(Refused, match="root under another name"):
        become("kp-twin")


@pytest.mark.parametrize("path", ["/etc/shadow", "../x", "run/../../x", "a\0b"])
def test_no_path_outside_the_instance_is_tried(look: Look, path: str) -> None:
    with pytest.raises(Refused, match="not inside the instance"):
        look.call("try-as", account="nobody", act="read", paths=["kindelpost.toml", path])


@pytest.mark.parametrize("act", ["run", "unlink", "", "read\n"])
def test_nothing_but_a_look_is_tried(look: Look, act: str) -> None:
    with pytest.raises(Refused, match="cannot be made to"):
        look.call("try-as", account="nobody", act=act, paths=["x"])


def test_not_more_paths_than_can_be_tried(look: Look) -> None:
    with pytest.raises(Refused, match="20001 paths"):
        look.call("try-as", account="nobody", act="read", paths=["x"] * 20_001)


@pytest.mark.parametrize(("host", "v6"), [(1, False), (-1, False), (True, False), ("0", False), (0, -1), (0, "yes")])
def test_only_hosts_of_the_outside_world_get_a_socket(look: Look, host: object, v6: object) -> None:
    with pytest.raises(Refused, match="no such host"):
        look.call("outside-socket", host=host, v6=v6)


def test_where_there_is_no_outside_world_there_is_no_way_to_it(look: Look) -> None:
    look.remember(programs={}, outside={})
    with pytest.raises(Refused, match="no such host"):
        look.call("outside-socket", host=0)
