"""The outside world's DNS: a flat, signed root zone of what somebody says, an insecure and a bogus child, served by NSD."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import dns.dnssec
import dns.message
import dns.name
import dns.query
import dns.reversename
import dns.zone

from kindelpost.engines.outside import signing
from kindelpost.engines.outside.namespace import inside
from kindelpost.lib.errors import EngineFault
from kindelpost.lib.files import write_atomic
from kindelpost.lib.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kindelpost.engines.facts import Facts

__all__ = ["BOGUS", "NAME_SERVER", "ROOT", "UNSIGNED", "ZONES", "Records", "World"]

ROOT, UNSIGNED, BOGUS = ".", "unsigned.example.", "bogus.example."
ZONES = {ROOT: "root.zone", UNSIGNED: "unsigned.zone", BOGUS: "bogus.zone"}
NAME_SERVER = "ns.outside.example."
Records = dict[tuple[str, str], list[str]]  # (absolute lower-case name, type) → values in presentation format


class World:
    """What the outside world's name server says. Changes are kept in data/outside/world.json and seen after `publish()`."""

    def __init__(self, facts: Facts) -> None:
        """Read what was said before in this instance; `facts.outside` and the secret `outside-zone` must be there."""
        self.facts = facts
        self.folder = facts.layout.data("outside")
        self.state = self.folder / "world.json"
        self.records: Records = {}
        if self.state.exists():
            kept: list[tuple[str, str, list[str]]] = json.loads(self.state.read_text(encoding="utf-8"))
            self.records = {(name, kind): values for name, kind, values in kept}

    def set(self, name: str, kind: str, values: str | Iterable[str]) -> None:
        """Say `values` (presentation format, TXT without quotes; none: say nothing) for `name` and the record type `kind`."""
        texts = [values] if isinstance(values, str) else list(values)
        if kind.upper() == "TXT":
            texts = [quoted(text) for text in texts]
        where = (dns.name.from_text(name).to_text().lower(), kind.upper())
        if texts:
            self.records[where] = texts
        else:
            self.records.pop(where, None)

    def set_pointer(self, address: str, name: str) -> None:
        """Say that `address` is called `name` (PTR)."""
        self.set(dns.reversename.from_address(address).to_text(), "PTR", f"{name.rstrip('.')}.")

    def publish(self) -> None:
        """Sign and write the zones; where NSD runs, make it serve them and wait until it does.

        Raises EngineFault `outside-dns` when NSD does not serve them within 5 s.
        """
        serial = int(time.time() * 100) % 2**32
        for name, text in zones(self.records, serial, self.facts.secrets["outside-zone"]).items():
            self.write(self.folder / ZONES[name], text)
        kept = [[name, kind, values] for (name, kind), values in sorted(self.records.items())]
        self.write(self.state, json.dumps(kept, indent=0))
        control = self.facts.layout.run("outside") / "nsd.sock"
        if control.is_socket() and run(reload_argv(self.facts), check=False).code == 0:
            self.wait(serial)

    def write(self, path: Path, text: str) -> None:
        """A file that the outside world's processes read."""
        write_atomic(path, text, owner="root", group="kp-outside")

    def wait(self, serial: int) -> None:
        """Wait until the name server answers with this serial of the root zone."""
        outside = self.facts.outside
        deadline = time.monotonic() + 5
        question = dns.message.make_query(ROOT, "SOA")
        while outside and time.monotonic() < deadline:
            answer = inside(outside.namespace, lambda: dns.query.udp(question, outside.world_v4, timeout=1)).answer
            if answer and answer[0][0].serial == serial:
                return
            time.sleep(0.01)
        raise EngineFault("outside-dns", "The outside world's name server does not serve the new zone.", "See log/nsd.log.")


def reload_argv(facts: Facts) -> tuple[str, ...]:
    """The command that makes NSD read its zones again."""
    return ("nsd-control", "-c", str(facts.layout.etc("outside") / "nsd.conf"), "reload")


def quoted(text: str) -> str:
    """A TXT value in presentation format, in strings of at most 255 octets (RFC 1035 §3.3.14)."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{safe[at : at + 255]}"' for at in range(0, len(safe), 255)) or '""'


def zones(records: Mapping[tuple[str, str], list[str]], serial: int, secret: str) -> dict[str, str]:
    """The text of the three zones. The bogus one is signed by a key that its DS does not name: every validator refuses it."""
    texts: dict[str, list[str]] = {name: [apex(name, serial)] for name in ZONES}
    for (name, kind), values in records.items():
        home = next((zone for zone in (UNSIGNED, BOGUS) if name == zone or name.endswith(f".{zone}")), ROOT)
        texts[home] += [f"{name} {signing.TTL} IN {kind} {value}" for value in values]
    promised = signing.key(f"{secret} promised")[1]
    digest = dns.dnssec.make_ds(BOGUS, promised, "SHA256").to_text()
    texts[ROOT] += [f"{name} {signing.TTL} IN NS {NAME_SERVER}" for name in (UNSIGNED, BOGUS)]
    texts[ROOT].append(f"{BOGUS} {signing.TTL} IN DS {digest}")
    keys = {ROOT: signing.key(secret), BOGUS: signing.key(f"{secret} used")}
    return {name: zone_text(name, "\n".join(lines), keys.get(name)) for name, lines in texts.items()}


def apex(name: str, serial: int) -> str:
    """SOA and NS of a zone."""
    ttl = signing.TTL
    soa = f"{NAME_SERVER} hostmaster.outside.example. {serial} 60 60 600 {ttl}"
    return f"{name} {ttl} IN SOA {soa}\n{name} {ttl} IN NS {NAME_SERVER}"


def zone_text(name: str, text: str, signer: signing.Key | None) -> str:
    """The zone as NSD reads it, signed where there is a signer."""
    zone = dns.zone.from_text(text, origin=name, relativize=False)
    if signer:
        signing.sign(zone, signer)
    return zone.to_text(relativize=False) + "\n"
