"""The single steps of a change of one engine's configuration; `apply.py` puts them in order."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kindelpost.engines.base import Probe
from kindelpost.engines.trial import on_trial
from kindelpost.hands import Hands
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.files import make_dir, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from kindelpost.engines.base import Engine, File, Process
    from kindelpost.engines.facts import Facts
    from kindelpost.engines.supervise import Running

__all__ = ["Control", "Steps", "quiet", "same"]

KEPT_VERSIONS = 3


class Control(Protocol):
    """What apply asks of whatever runs the processes: `supervise.Supervisor`, later systemd."""

    def states(self) -> dict[str, Running]:
        """Every process by name; empty when nothing runs."""

    def restart(self, name: str) -> None:
        """Restart one; raises `EngineFault` when it does not stay up."""

    def signal(self, name: str, signal: str) -> None:
        """Send a signal such as `HUP` to the process itself."""

    def update(self, table: Sequence[Process]) -> tuple[str, ...]:
        """Follow a changed table; names what was touched."""


def quiet(_engine: str, _step: str) -> None:
    """Nobody listens to the progress."""


@dataclass(frozen=True)
class Steps:
    """One engine's configuration on its way; each method is one step that may be the last thing that happens."""

    engine: Engine
    facts: Facts
    tell: Callable[[str, str], None] = quiet

    @property
    def etc(self) -> Path:
        """The folder of the links and the mark."""
        return self.facts.layout.root / "etc"

    @property
    def mark(self) -> Path:
        """Remembers the proved version while another one is on trial; its text is empty when there was none."""
        return self.etc / f".applying-{self.engine.name}"

    def live(self) -> str:
        """The version that the link names, "" for none."""
        link = self.etc / self.engine.name
        return link.readlink().name if link.is_symlink() else ""

    def proved(self) -> str:
        """The last version that was proved, "" for none."""
        return self.mark.read_text(encoding="ascii").strip() if self.mark.exists() else self.live()

    def wanted(self) -> tuple[str, Mapping[str, File]]:
        """What the facts ask for: the version's name and its files. Nothing is written."""
        files = self.engine.render(self.facts)
        return f"{self.engine.name}-{digest(files, self.meta(), self._certificates(files))}", files

    def stage(self) -> tuple[str, bool]:
        """Render into a folder of its own. Returns the version's name, and whether files of it had been changed on disk."""
        self.tell(self.engine.name, "stage")
        version, files = self.wanted()
        folder = self.etc / ".versions" / version
        if folder.is_dir():
            return version, self._mend(folder, files)
        mode = self._folder_mode(files.values())
        draft = folder.with_name(f".draft-{self.engine.name}")
        shutil.rmtree(draft, ignore_errors=True)
        self._write(draft, files, mode)
        write_atomic(self.meta_path(version), self.meta(), mode=0o600)
        draft.rename(folder)
        return version, False

    def meta(self) -> str:
        """What the version means for the supervisor: its processes and listeners; a change of these needs a restart."""
        rows = [*map(asdict, self.engine.processes(self.facts)), *map(asdict, self.engine.listeners(self.facts))]
        return json.dumps(rows, default=str, sort_keys=True)

    def meta_path(self, version: str) -> Path:
        """Where a version's meta lies: beside its folder, since an engine may read every file in the folder."""
        return self.etc / ".versions" / f".{version}.meta"

    def _certificates(self, files: Mapping[str, File]) -> str:
        """The certificates that the files name: a renewed one makes a new version, which is reloaded and probed."""
        texts = [file.text for file in files.values()]
        chains = sorted((self.facts.layout.root / "tls").glob("*/*.pem"))
        named = [path for path in chains if any(str(path) in text for text in texts)]
        return hashlib.sha256(b"".join(path.read_bytes() for path in named)).hexdigest()

    def _folder_mode(self, files: Collection[File]) -> int:
        """No more than the files need: one for all (Postfix's sendmail(1) runs as its caller), one for another account."""
        if any(file.mode & 0o004 for file in files):
            return 0o755
        return 0o751 if any(file.group not in {None, "root", self.engine.account} for file in files) else 0o750

    def _write(self, folder: Path, files: Mapping[str, File], mode: int) -> None:
        make_dir(folder, mode=mode, owner="root", group=self.engine.account)
        for name, file in files.items():
            for parent in reversed(Path(name).parents[:-1]):
                make_dir(folder / parent, mode=mode, owner="root", group=self.engine.account)
            group = file.group or self.engine.account
            write_atomic(folder / name, file.text, mode=file.mode, owner=file.owner, group=group)

    def _mend(self, folder: Path, files: Mapping[str, File]) -> bool:
        drifted = {name: file for name, file in files.items() if not same(folder / name, file)}
        if drifted:
            self._write(folder, drifted, folder.stat().st_mode & 0o777)
        return bool(drifted)

    def validate(self, version: str) -> None:
        """Ask the engine's own checker; any complaint refuses the version and takes it away."""
        self.tell(self.engine.name, "validate")
        folder = self.etc / ".versions" / version
        complaints = on_trial(self.etc, self.engine.name, version, lambda: self.engine.validate(self.facts, folder))
        if complaints:
            if version not in {self.live(), self.proved()}:
                shutil.rmtree(folder)
            said = "; ".join(complaints)
            hint = "Nothing was changed." if self.live() else "It was not started."
            raise EngineFault("apply-refused", f"{self.engine.name} refuses the configuration made for it: {said}.", hint)

    def swap(self, version: str) -> None:
        """Remember the proved version, then point the link at the new one."""
        for used in filter(None, (self.live(), version)):  # the newest are those last in force: never the one to go back to
            with suppress(FileNotFoundError):  # a link that dangles is mended by what follows
                os.utime(self.etc / ".versions" / used)
        self.tell(self.engine.name, "mark")
        write_atomic(self.mark, self.proved(), mode=0o600)
        self.tell(self.engine.name, "swap")
        Hands(self.facts.layout.root).call("install-tree", engine=self.engine.name, version=version)

    def settle(self) -> None:
        """It is proved: forget the mark, keep the newest versions."""
        self.tell(self.engine.name, "settle")
        self.mark.unlink(missing_ok=True)
        old = sorted((self.etc / ".versions").glob(f"{self.engine.name}-{'?' * 16}"), key=lambda path: path.stat().st_mtime)
        for folder in old[:-KEPT_VERSIONS]:
            if folder.name != self.live():
                shutil.rmtree(folder)
                self.meta_path(folder.name).unlink(missing_ok=True)

    def take_up(self, control: Control, table: Sequence[Process], before: str) -> None:
        """Make the processes follow the live version: reload, or restart where there is no reload or the meta differs."""
        self.tell(self.engine.name, "reload")
        touched = control.update(table)
        old, new = self.meta_path(before), self.meta_path(self.live())
        restart = old.exists() and new.exists() and old.read_bytes() != new.read_bytes()
        for process in self.engine.processes(self.facts):
            if process.name in touched:
                continue
            if restart or not process.reload or control.states()[process.name].state != "ready":
                control.restart(process.name)
            elif process.reload[0] == "signal":
                control.signal(process.name, process.reload[1])
            else:
                Hands(self.facts.layout.root).call("reload", name=process.name)

    def prove(self, control: Control, patience: float, settle: float) -> Probe:
        """Wait until every process is ready and the probe is content twice, `settle` seconds apart, from the same processes."""
        self.tell(self.engine.name, "probe")
        until = time.monotonic() + patience
        first: list[int] | None = None
        while True:
            probe, pids = self.look(control)
            if probe.ok and pids == first:
                return probe
            first = pids if probe.ok else None
            if time.monotonic() > until:
                raise EngineFault("apply-unproved", f"{self.engine.name} did not answer within {patience:g} s: {probe.said}")
            time.sleep(settle if probe.ok else 0.2)

    def look(self, control: Control) -> tuple[Probe, list[int]]:
        """One look: what the probe says, and the pids that it was said of."""
        states = control.states()
        rows = [states.get(process.name) for process in self.engine.processes(self.facts)]
        for row in rows:
            if row is None or row.state != "ready":
                return Probe(ok=False, said=f"{row.name} is {row.state}: {row.said}" if row else "it is not running"), []
        try:
            return self.engine.probe(self.facts), [row.pid for row in rows if row]
        except (OSError, EngineFault) as silent:
            return Probe(ok=False, said=str(silent)), []

    def put_back(self, control: Control, table: Sequence[Process], patience: float) -> str:
        """Go back to the last proved version; says in one sentence how that went."""
        self.tell(self.engine.name, "put-back")
        old, failed = self.proved(), self.live()
        if not old or old == failed:
            return "There is no earlier configuration to go back to."
        Hands(self.facts.layout.root).call("install-tree", engine=self.engine.name, version=old)
        try:
            self.take_up(control, table, failed)
            self.prove(control, patience, 0.2)
        except EngineFault as again:
            return f"The old configuration is back in place, but {again.message}"
        self.settle()
        return "The old configuration is back and answers."


def digest(files: Mapping[str, File], *more: str) -> str:
    """Sixteen hexadecimal digits that name exactly these files with these owners and modes, and whatever `more` says."""
    text = json.dumps([more, *([name, asdict(files[name])] for name in sorted(files))])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def same(path: Path, file: File) -> bool:
    """Is the file on disk the rendered one, word for word, with its mode?"""
    return path.is_file() and path.read_text(encoding="utf-8") == file.text and path.stat().st_mode & 0o7777 == file.mode
