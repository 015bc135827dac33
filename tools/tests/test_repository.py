from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import generate, sizes

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements-build", "requirements", "requirements-dev")


def lines(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def stated(name: str) -> list[str]:
    return [line for line in lines(name) if line and not line.startswith("#")]


@pytest.mark.parametrize("name", ["packages/debian.txt", "packages/test.txt"])
def test_every_debian_package_says_what_needs_it(name: str) -> None:
    for line in stated(name):
        assert re.fullmatch(r"[a-z0-9.+-]+( +1[23])?( +off=[a-z0-9.,-]+)? +# \S.+", line), line


@pytest.mark.parametrize("name", LOCKS)
def test_every_python_package_says_what_needs_it(name: str) -> None:
    for line in stated(f"{name}.in"):
        assert line.startswith("-r ") or re.fullmatch(r"[A-Za-z][\w.\[\]-]*[<>=].*\S +# \S.+", line), line


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_server_is_named(name: str) -> None:
    text = "\n".join(lines(f"{name}.lock"))
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted", text)
    packages = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert packages
    assert all("--hash=sha256:" in package for package in packages)


def test_what_runs_and_what_tests_lock_the_same_versions() -> None:
    running = {line for line in lines("requirements.lock") if "==" in line}
    assert running <= set(lines("requirements-dev.lock"))


def test_the_readme_is_short_and_begins_with_the_two_commands() -> None:
    readme = lines("README.md")
    assert len(readme) <= 120
    assert any("./kindelpost up" in line for line in readme[:15])
    assert any("./kindelpost test" in line for line in readme[:15])


def test_links_of_the_pages_lead_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_a_file_or_a_function_that_is_too_large_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/fine.py").write_text("def fine():\n    pass\n")
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    assert sizes.main() == 0
    (tmp_path / "src/long.py").write_text("def long():\n" + "    pass\n" * sizes.FUNCTION_LIMIT)
    (tmp_path / "src/large.py").write_text("pass\n" * (sizes.FILE_LIMIT + 1))
    assert sizes.main() == 1
    said = capsys.readouterr().err
    assert "src/long.py:1 long" in said
    assert "src/large.py" in said


def test_a_stale_generated_file_is_found_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("docs", "src/kindelpost/config"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3 (unreleased)\n\n## 1.2.2\n")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.main(check=True) == 1
    assert "docs/configuration.md is stale" in capsys.readouterr().err
    assert generate.main(check=False) == 0
    assert generate.main(check=True) == 0
    assert 'VERSION = "1.2.3"' in (tmp_path / "src/kindelpost/config/version.py").read_text()
