"""A folder with the filter's three engines as the service runs them, and a resolver that plays the world's DNS."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from e2e.filter.milter import Envelope, Verdict, milter
from kindelpost.config.service import Service
from kindelpost.engines.clamav import ENGINE as CLAMAV
from kindelpost.engines.facts import ACCOUNTS, Facts, Layout
from kindelpost.engines.host.snapshot import snapshot
from kindelpost.engines.images import ENGINE as IMAGES
from kindelpost.engines.redis import ENGINE as REDIS
from kindelpost.engines.rspamd import ENGINE as RSPAMD
from kindelpost.lib.files import make_dir, replace_link, write_atomic
from kindelpost.lib.run import run, start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kindelpost.engines.base import Engine, Process

__all__ = ["Keys", "Stage"]

ENGINES = (REDIS, CLAMAV, IMAGES, RSPAMD)


@dataclass(frozen=True)
class Keys:
    """A domain's two DKIM keys, as the publisher writes them, and as DNS shows them."""

    rsa: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))
    ed25519: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def files(self) -> dict[str, bytes]:
        """The private keys' files by selector."""
        pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return {"rsa1": self.rsa.private_bytes(*pem), "ed1": base64.b64encode(self.seed) + b"\n"}

    @property
    def seed(self) -> bytes:
        """The Ed25519 key's 32 bytes."""
        raw = (serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
        return self.ed25519.private_bytes(*raw)

    @property
    def records(self) -> dict[str, str]:
        """The TXT records by selector."""
        der = self.rsa.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        raw = self.ed25519.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return {
            "rsa1": f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}",
            "ed1": f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}",
        }


def _account(name: str) -> None:
    if run(["getent", "passwd", name], check=False).code:
        run(["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name])


@dataclass
class Stage:
    """The running filter. `world` is name → TXT; `maps` is the publisher's part."""

    root: Path
    facts: Facts
    pids: dict[str, int] = field(default_factory=dict)

    @classmethod
    def make(cls, port_base: int = 24500) -> Stage:
        """A new folder, readable on its way for the engines' accounts."""
        root = Path(mkdtemp(prefix="kp-filter-", dir="/var/tmp"))
        root.chmod(0o755)
        service = Service.model_validate({
            "hostname": "mx.service.example",
            "listen": {"port_base": port_base},
            "limits": {"messages_per_hour": 150},
        })
        versions = {engine.name: tuple(int(part) for part in engine.version().split(".")) for engine in ENGINES}
        secrets = {name: os.urandom(16).hex() for engine in ENGINES for name in engine.secrets}
        return cls(root, Facts(Layout(root), service, versions, secrets))

    def build(self) -> list[str]:
        """Make folders and files; the engines' complaints about what was rendered."""
        for name in ("etc", "maps", "run", "data", "log"):
            make_dir(self.root / name)
        snapshot(self.facts.layout.code)
        for name in {*ACCOUNTS.values()}:
            _account(name)
        complaints = []
        for engine in ENGINES:
            for place in engine.directories(self.facts):
                make_dir(place.path, mode=place.mode, owner=place.owner, group=place.group)
            engine.prepare(self.facts)
            complaints += self._render(engine)
        return complaints

    def _render(self, engine: Engine) -> list[str]:
        staged = make_dir(self.root / "etc" / ".versions" / engine.name, mode=0o755)
        for name, file in engine.render(self.facts).items():
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomic(staged / name, file.text, mode=file.mode, owner=file.owner, group=file.group or engine.account)
        replace_link(self.root / "etc" / engine.name, f".versions/{engine.name}")
        return engine.validate(self.facts, staged)

    def publish(self, files: Mapping[str, str | bytes]) -> None:
        """Write Rspamd's maps as the publisher does: each replaced whole."""
        folder = make_dir(self.facts.layout.maps("rspamd"), mode=0o750, group=ACCOUNTS["rspamd"])
        make_dir(folder / "dkim", mode=0o750, group=ACCOUNTS["rspamd"])
        for name, text in files.items():
            write_atomic(folder / name, text, mode=0o640, group=ACCOUNTS["rspamd"])

    def world(self, records: Mapping[str, str]) -> None:
        """A resolver on the service's own port that knows these TXT records and nothing else in the world."""
        lines = [f"local-data: '{name}. 60 IN TXT {_quoted(text)}'" for name, text in records.items()]
        port = self.facts.port("resolver")
        text = "\n    ".join((
            *("server:", f"interface: 127.0.0.1@{port}", "do-daemonize: no", 'username: ""', 'chroot: ""', 'pidfile: ""'),
            *(f'directory: "{self.root}"', "use-syslog: no", 'local-zone: "." static', 'module-config: "iterator"', *lines),
        ))
        write_atomic(self.root / "world.conf", text + "\n", mode=0o644)
        self.resume_world()

    def resume_world(self) -> None:
        """Start the resolver that `world` configured."""
        self.launch("world", ["/usr/sbin/unbound", "-d", "-c", str(self.root / "world.conf")], "nobody", "nogroup")
        time.sleep(0.5)
        assert "start of service" in self.log("world"), self.log(
            "world"
        )  # another one on this port would answer for another world

    def launch(self, name: str, argv: list[str], account: str, group: str, env: Mapping[str, str] | None = None) -> None:
        """Start `argv` as an ordinary account with its own group only."""
        drop = ["setpriv", f"--reuid={account}", f"--regid={group}", "--init-groups", "--no-new-privs"]
        self.pids[name] = start([*drop, *argv], log=self.root / "log" / f"{name}.log", env=env)

    def start(self, *names: str, patience: float = 40.0) -> None:
        """Start engines' processes (default: all but freshclam, which has no network here) and wait until they answer."""
        for engine in ENGINES:
            for process in engine.processes(self.facts):
                if process.name in names or (not names and process.name != "freshclam"):
                    self._start(engine, process, patience)

    def _start(self, engine: Engine, process: Process, patience: float) -> None:
        os.umask(0o027)
        self.launch(process.name, list(process.argv), process.account, process.account, process.env)
        until = time.monotonic() + patience
        seen = engine.probe(self.facts)
        while not seen.ok and time.monotonic() < until:
            time.sleep(0.1)
            seen = engine.probe(self.facts)
        assert seen.ok, f"{process.name}: {seen.said}\n{self.log(process.name)[-3000:]}"

    def log(self, name: str) -> str:
        """What a process has printed."""
        return (self.root / "log" / f"{name}.log").read_text(errors="replace")

    def stop(self, name: str) -> None:
        """End one process that this stage started; with its children by force when it takes longer than 3 s."""
        pid = self.pids.pop(name)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + 3  # Rspamd 3.12 would take 140 s
        with suppress(ChildProcessError):
            while os.waitpid(pid, os.WNOHANG) == (0, 0):
                if time.monotonic() > until:
                    print(f"{name} did not end by itself: {self.log(name)[-2000:]}")
                    os.killpg(pid, signal.SIGKILL)
                time.sleep(0.02)

    def restart(self, name: str) -> None:
        """Stop a process and start it again, whether it can serve or not; returns when it answers or has had its time."""
        self.stop(name)
        with suppress(AssertionError):
            self.start(name, patience=5.0)

    def remove(self) -> None:
        """End everything and remove the folder."""
        for name in list(self.pids):
            self.stop(name)
        shutil.rmtree(self.root)

    def until(self, seen: Callable[[], bool], files: Mapping[str, str | bytes]) -> float:
        """Publish `files`; the seconds until `seen`. Fails after 5 s. Every worker has to know: it must be seen four times."""
        self.publish(files)
        at = time.monotonic()
        while not all(seen() for _ in range(4)):
            assert time.monotonic() < at + 5, "a changed map did not come into force"
            time.sleep(0.02)
        return time.monotonic() - at

    def send(self, raw: bytes, envelope: Envelope | None = None) -> Verdict:
        """One message through the milter."""
        return milter(self.facts.layout.run("rspamd") / "milter.sock", raw, envelope or Envelope())


def _quoted(text: str) -> str:
    return " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))
