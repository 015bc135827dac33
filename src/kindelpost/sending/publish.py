"""What the engines may know of sending: which keys sign for a domain, the keys, MTA-STS policies, mail programs' settings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings

from kindelpost.config.sealing import open_sealed
from kindelpost.engines.host.names import doors
from kindelpost.engines.maps import MapSource, marked, register
from kindelpost.engines.tables import Folder, Lines, Values
from kindelpost.lib.files import write_atomic
from kindelpost.mail.dkim import signer_key
from kindelpost.mail.programs import autoconfig, autodiscover
from kindelpost.mail.records import mta_sts_policy
from kindelpost.sending.models import DkimKey
from kindelpost.tenants.models import Domain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from kindelpost.engines.facts import Layout
    from kindelpost.mail.programs import Doors

__all__ = ["register_sending"]


def _folder(name: str, at: Layout) -> Folder:
    return Folder(at.maps("nginx") / name, ".xml", 0o640)


@dataclass(frozen=True)
class KeyFolder:
    """Files <folder>/<domain>.<selector>.key; a domain's values are selector, key, selector, key and so on."""

    path: Path

    def read(self) -> dict[str, Values]:
        """Everything in it."""
        gathered: dict[str, list[str]] = defaultdict(list)
        for file in sorted(self.path.glob("[!.]*.key"), reverse=True):  # as the tables say them
            domain, _, selector = file.name.removesuffix(".key").rpartition(".")
            gathered[domain] += [selector, file.read_text()]
        return {domain: tuple(values) for domain, values in gathered.items()}

    def change(self, rows: Mapping[str, Values], gone: Collection[str]) -> None:
        """Write first, then remove what is no longer named, so that a signer never finds nothing."""
        self.path.mkdir(parents=True, exist_ok=True)
        for domain, values in rows.items():
            for selector, key in zip(values[::2], values[1::2], strict=True):
                write_atomic(self._file(domain, selector), key, mode=0o440)
        for domain in {*rows, *gone}:
            kept = {self._file(domain, selector) for selector in rows.get(domain, ())[::2]}
            own = {file for file in self.path.glob(f"{domain}.*.key") if file.name.count(".") == domain.count(".") + 2}
            for file in own - kept:
                file.unlink(missing_ok=True)

    def _file(self, domain: str, selector: str) -> Path:
        return self.path / f"{domain}.{selector}.key"


def _active(keys: Collection[str] | None) -> Mapping[str, list[DkimKey]]:
    # …r before …e: an ARC seal is made with the first, and few verify Ed25519
    rows = DkimKey.objects.filter(state=DkimKey.State.ACTIVE).select_related("domain").order_by("-selector")
    gathered: dict[str, list[DkimKey]] = defaultdict(list)
    for key in rows if keys is None else rows.filter(domain__name__in=keys):
        gathered[key.domain.name].append(key)
    return gathered


def _signing(keys: Collection[str] | None) -> Mapping[str, Values]:
    return {domain: (",".join(key.selector for key in found),) for domain, found in _active(keys).items()}


def _private(keys: Collection[str] | None) -> Mapping[str, Values]:
    return {
        domain: tuple(text for key in found for text in (key.selector, signer_key(open_sealed(key.sealed))))
        for domain, found in _active(keys).items()
    }


def _policies(keys: Collection[str] | None) -> Mapping[str, Values]:
    rows = Domain.objects.all() if keys is None else Domain.objects.filter(name__in=keys)
    return {name: (mta_sts_policy(settings.SERVICE.hostname),) for name in rows.values_list("name", flat=True)}


def _documents(keys: Collection[str] | None, text: Callable[[str, Doors], str]) -> Mapping[str, Values]:
    rows, where = Domain.objects.all() if keys is None else Domain.objects.filter(name__in=keys), doors(settings.SERVICE)
    return {name: (text(name, where),) for name in rows.values_list("name", flat=True)}


def register_sending() -> None:
    """A key's file is there before the map names it."""
    register(
        MapSource("rspamd/dkim", "domain", lambda at: KeyFolder(at.maps("rspamd") / "dkim"), _private, 15),
        MapSource(
            "rspamd/signing", "domain", lambda at: Lines(at.maps("rspamd") / "signing.map"), marked(_signing, ("none",)), 20
        ),
        MapSource("nginx/mta-sts", "domain", lambda at: Folder(at.maps("nginx") / "mta-sts", ".txt", 0o640), _policies, 20),
        *(
            MapSource(f"nginx/{name}", "domain", partial(_folder, name), partial(_documents, text=text), 20)
            for name, text in (("autoconfig", autoconfig), ("autodiscover", autodiscover))
        ),
    )
