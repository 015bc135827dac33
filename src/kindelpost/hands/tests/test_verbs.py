from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest

from kindelpost.hands import Hands, verbs
from kindelpost.lib.errors import EngineFault, Refused
from kindelpost.lib.run import Finished


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    (tmp_path / "etc" / ".versions" / "fake-0123456789abcdef").mkdir(parents=True)
    return Hands(tmp_path)


@pytest.mark.parametrize("verb", ["call", "inside", "__init__", "run", ""])
def test_only_verbs_of_the_list_are_done(hands: Hands, verb: str) -> None:
    with pytest.raises(Refused, match="not on the allow-list"):
        hands.call(verb)


@pytest.mark.parametrize("name", ["root", "postfix", "www-data", "kp-", "kp-x;id", "kp-x\n", "-kp-x"])
def test_no_account_but_ours_is_made(hands: Hands, name: str) -> None:
    with pytest.raises(Refused, match="no account name"):
        hands.call("ensure-account", name=name)


def account(uid: int, shell: str) -> pwd.struct_passwd:
    return pwd.struct_passwd(("kp-test", "x", uid, uid, "", "/nonexistent", shell))


def test_an_account_that_exists_is_kept(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwnam", lambda _name: account(999, "/usr/sbin/nologin"))
    assert hands.call("ensure-account", name="kp-test") is False


@pytest.mark.parametrize(("uid", "shell"), [(999, "/bin/bash"), (0, "/usr/sbin/nologin")])
def test_an_account_that_can_log_in_or_is_root_is_refused(
    hands: Hands, monkeypatch: pytest.MonkeyPatch, uid: int, shell: str
) -> None:
    monkeypatch.setattr(pwd, "getpwnam", lambda _name: account(uid, shell))
    with pytest.raises(EngineFault, match="can log in, or is root"):
        hands.call("ensure-account", name="kp-test")


def test_a_new_account_has_no_shell_and_a_group_of_its_own(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def useradd(argv: list[str]) -> Finished:
        asked.append(argv)
        return Finished(tuple(argv), 0, "", "")

    monkeypatch.setattr(verbs, "run", useradd)
    assert hands.call("ensure-account", name="kp-neverthere") is True
    assert {"--system", "--user-group", "/usr/sbin/nologin"} <= set(asked[0])


def ensure(hands: Hands, path: str, mode: int = 0o750, owner: str = "root") -> None:
    hands.call("ensure-directory", path=path, owner=owner, group="root", mode=mode)


@pytest.mark.parametrize("path", ["../outside", "/etc", "run/../../x", "", "/"])
def test_no_folder_outside_the_instance(hands: Hands, path: str) -> None:
    with pytest.raises(Refused, match="not inside the instance"):
        ensure(hands, path)


def test_no_folder_through_a_symbolic_link(hands: Hands) -> None:
    (hands.root / "run").symlink_to("/etc")
    with pytest.raises(Refused, match="symbolic link"):
        ensure(hands, "run/x")


@pytest.mark.parametrize(("mode", "owner"), [(0o777, "root"), (0o4755, "root"), (0o750, "daemon")])
def test_no_open_folder_and_no_foreign_owner(hands: Hands, mode: int, owner: str) -> None:
    with pytest.raises(Refused):
        ensure(hands, "run/x", mode, owner)


def test_a_folder_is_put_right(hands: Hands) -> None:
    ensure(hands, "run/x", 0o2750)
    (hands.root / "run" / "x").chmod(0o700)
    ensure(hands, "run/x", 0o2750)
    assert (hands.root / "run" / "x").stat().st_mode & 0o7777 == 0o2750


def test_a_staged_tree_is_swapped_in_and_the_one_before_is_named(hands: Hands) -> None:
    assert not hands.call("install-tree", engine="fake", version="fake-0123456789abcdef")
    assert hands.call("install-tree", engine="fake", version="fake-0123456789abcdef") == "fake-0123456789abcdef"
    assert (hands.root / "etc" / "fake").readlink() == Path(".versions/fake-0123456789abcdef")


@pytest.mark.parametrize(
    ("engine", "version"), [("other", "fake-0123456789abcdef"), ("fake", "../../tmp"), ("fake", "fake-0123")]
)
def test_no_tree_of_another_engine_or_place(hands: Hands, engine: str, version: str) -> None:
    with pytest.raises(Refused):
        hands.call("install-tree", engine=engine, version=version)


def test_no_tree_that_others_may_write(hands: Hands) -> None:
    (hands.root / "etc" / ".versions" / "fake-0123456789abcdef").chmod(0o777)
    with pytest.raises(Refused, match="not staged by root"):
        hands.call("install-tree", engine="fake", version="fake-0123456789abcdef")


def test_a_reload_runs_what_root_wrote_down_and_nothing_else(hands: Hands) -> None:
    (hands.root / "run" / "supervisor").mkdir(parents=True)
    hands.remember_reloads({"fake": ["/bin/echo", "again"]})
    assert hands.call("reload", name="fake") == "again"
    with pytest.raises(Refused, match="no reload"):
        hands.call("reload", name="other")
    assert json.loads((hands.root / "run" / "supervisor" / "reloads.json").read_text(encoding="utf-8")) == {
        "fake": ["/bin/echo", "again"]
    }
    assert os.geteuid() == (hands.root / "run").stat().st_uid
