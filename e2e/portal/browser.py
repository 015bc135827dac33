"""A real browser with a virtual authenticator, which trusts the instance's certificate and nothing else."""

from __future__ import annotations

import base64
import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page

    from e2e.service import Service

__all__ = ["Visitor", "browser", "visitor"]

CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


@dataclass
class Visitor:
    """Somebody at a browser: the page, what its console complained of, a place for pictures."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        """Errors and warnings, a violation of the Content-Security-Policy among them."""
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def usable(self, name: str) -> None:
        """No serious barrier for anybody, in light and dark, where KP_AXE names axe-core's axe.min.js (npm)."""
        script = os.environ.get("KP_AXE")
        if not script:
            return
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.evaluate(Path(script).read_text(encoding="utf-8"))
            found = self.page.evaluate("axe.run().then(done => done.violations)")
            serious = [
                (rule["id"], [node["html"] for node in rule["nodes"]][:3])
                for rule in found
                if rule["impact"] in {"serious", "critical"}
            ]
            assert not serious, f"{name}, {scheme}: {serious}"

    def picture(self, name: str) -> None:
        """Keep the page as a picture where KP_SCREENSHOTS says, light, dark and narrow; see that it is usable."""
        self.usable(name)
        folder = os.environ.get("KP_SCREENSHOTS")
        if not folder:
            return
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            self.page.screenshot(path=Path(folder) / f"{name}-{scheme}.png", full_page=True, animations="disabled")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 360, "height": 740})
        assert self.page.evaluate("document.documentElement.scrollWidth <= 360"), f"{name} is wider than 360 px"
        self.page.screenshot(path=Path(folder) / f"{name}-360.png", full_page=True, animations="disabled")
        self.page.set_viewport_size({"width": 1200, "height": 800})


@contextmanager
def browser(service: Service) -> Iterator[Browser]:
    """Chromium that takes the service's certificate by the hash of its key, as if a known authority had signed it."""
    leaf = x509.load_pem_x509_certificate((service.facts.layout.tls("front") / "fullchain.pem").read_bytes())
    key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET, f"--ignore-certificate-errors-spki-list={pin}"]
        )
        try:
            yield started
        finally:
            started.close()


@contextmanager
def visitor(started: Browser, *, language: str = "et-EE", authenticator: bool = True) -> Iterator[Visitor]:
    """A person with a browser of their own, and with a device that keeps passkeys and verifies its user."""
    context = started.new_context(locale=language, viewport={"width": 1200, "height": 800})
    somebody = Visitor(context.new_page())
    somebody.page.on("console", somebody.heard)
    somebody.page.on("pageerror", lambda error: somebody.complaints.append(f"{somebody.page.url}: {error}"))
    if authenticator:
        devtools = context.new_cdp_session(somebody.page)
        devtools.send("WebAuthn.enable")
        device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    try:
        yield somebody
    finally:
        context.close()
