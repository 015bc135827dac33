"""`python -m kindelpost.engines.looks NAME FOLDER`: one look, printed as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kindelpost.engines.instance import open_instance
from kindelpost.engines.looks import (
    accounts,
    drift,
    engines,
    fingerprints,
    names,
    postdrop,
    reach,
    scanner,
    signatures,
    sockets,
    statements,
    trust,
)
from kindelpost.engines.outside.namespace import find

if TYPE_CHECKING:
    from collections.abc import Callable

    from kindelpost.engines.instance import Instance

LOOKS: dict[str, Callable[[Instance], object]] = {
    "accounts": accounts.look,
    "drift": drift.look,
    "engines": engines.look,
    "fingerprints": fingerprints.look,
    "names": names.look,
    "reach": reach.look,
    "postdrop": postdrop.look,
    "scanner": scanner.look,
    "signatures": signatures.look,
    "sockets": sockets.look,
    "statements": statements.look,
    "trust": trust.look,
}

if __name__ == "__main__":
    root = Path(sys.argv[2])
    json.dump(LOOKS[sys.argv[1]](open_instance(root, outside=find(root))), sys.stdout)
