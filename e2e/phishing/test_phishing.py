"""P3.4: what poses as somebody else, asks for a password or hides its link lies in Junk; what is honest does not."""

from __future__ import annotations

import email.message
import email.policy
import email.utils
import io
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from e2e.service import unique
from kindelpost.engines.images.probe import picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.service import Service

ALICE = "alice@outside.example"
ELSEWHERE = "https://login.evil.example/konto"
PIXEL = io.BytesIO()
Image.new("RGB", (200, 200), "white").save(PIXEL, "PNG")


def message(author: str, to: str, *, html: str = "", image: bytes = b"", kind: str = "png") -> email.message.EmailMessage:
    """An ordinary letter, with an HTML part or an image if given."""
    made = email.message.EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"], made["Subject"] = author, to, unique()
    made["Date"], made["Message-ID"] = email.utils.formatdate(), f"<{unique()}@outside.example>"
    made.set_content("Tere! Saadan lubatud andmed.\n")
    if html:
        made.add_alternative(f"<html><body>{html}</body></html>", subtype="html")
    if image:
        made.add_attachment(image, "image", kind, filename=f"pilt.{kind}")
    return made


def folder(service: Service, to: str, made: email.message.EmailMessage) -> str:
    """Where it lies after it was taken."""
    code, words = service.deliver(ALICE, to, made.as_bytes())
    assert code == 250, words
    found = service.find(to, str(made["Subject"]))
    assert found is not None
    return found.folder


@pytest.mark.parametrize(
    "author",
    [
        "mari@kadakass.example",
        "mari@kadaka5.example",
        "mari@kadaaks.example",
        "mari@kadkas.example",
        "mari@kadakas-example.com",
        "mari@xn--kdakas-3nf.example",  # the first a is Cyrillic
        "mari@mail.kadakass.example",
        '"mari@kadakas.example" <alice@outside.example>',
    ],
)
def test_who_wants_to_be_taken_for_a_colleague_lies_in_junk(service: Service, mari: str, author: str) -> None:
    assert folder(service, mari, message(author, mari)) == "Junk"


@pytest.mark.parametrize(
    "author", ["pood@kadakas.com", "info@kask.example", "info@kadrioru.example", "uudised@xn--sndmus-bua0l.example", ALICE]
)
def test_a_name_that_is_only_a_little_like_it_is_nobodys_disguise(service: Service, mari: str, author: str) -> None:
    """The same name under another suffix too: firms have several."""
    assert folder(service, mari, message(author, mari)) == "INBOX"


@pytest.mark.parametrize(
    "form",
    [
        f'<form action="{ELSEWHERE}"><input type="password" name="p"></form>',
        f"<FORM METHOD=post ACTION={ELSEWHERE}><INPUT NAME=u><INPUT class=x TYPE = 'Password'></FORM>",
    ],
)
def test_a_form_that_asks_for_a_password_lies_in_junk(service: Service, mari: str, form: str) -> None:
    assert folder(service, mari, message(ALICE, mari, html=form)) == "Junk"


@pytest.mark.parametrize("html", ["<form><input type=text></form>", "<p>Sinu password on aegunud: &lt;form&gt;</p>"])
def test_a_form_without_a_password_and_a_word_about_one_are_honest(service: Service, mari: str, html: str) -> None:
    assert folder(service, mari, message(ALICE, mari, html=html)) == "INBOX"


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp"])
def test_a_code_that_leads_elsewhere_lies_in_junk(service: Service, mari: str, kind: str) -> None:
    made = message(ALICE, mari, image=picture(ELSEWHERE, kind.upper()), kind=kind)
    assert folder(service, mari, made) == "Junk"


@pytest.mark.parametrize(
    "text", ["https://piletid.outside.example/1234", "BCD 002 1 SCT Firma OÜ EE382200221020145685 EUR12.30"]
)
def test_a_code_of_the_authors_own_domain_or_of_a_payment_is_honest(service: Service, mari: str, text: str) -> None:
    assert folder(service, mari, message(ALICE, mari, image=picture(text))) == "INBOX"


@pytest.mark.parametrize("what", ["plain", "broken", "no image", "huge"])
def test_an_image_without_a_code_or_that_cannot_be_read_arrives(service: Service, mari: str, what: str) -> None:
    """A bomb of pixels costs its limits and nothing more (T25)."""
    huge = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(huge, "PNG")
    content = {
        "plain": PIXEL.getvalue(),
        "broken": PIXEL.getvalue()[:200] + b"\0" * 100,
        "no image": b"this is no image " * 20,
        "huge": huge.getvalue(),
    }[what]
    begun = time.monotonic()
    assert folder(service, mari, message(ALICE, mari, image=content)) == "INBOX"
    assert time.monotonic() - begun < 30


@pytest.fixture
def frozen(service: Service) -> Iterator[None]:
    """The image scanner hangs."""
    pid = int((service.folder / "run" / "supervisor" / "images.pid").read_text().split()[0])
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


@pytest.mark.usefixtures("frozen")
def test_while_nobody_reads_images_mail_with_one_waits_and_other_mail_flows(service: Service, mari: str) -> None:
    code, words = service.deliver(ALICE, mari, message(ALICE, mari, image=picture(ELSEWHERE)).as_bytes())
    assert code == 451, words
    assert folder(service, mari, message(ALICE, mari)) == "INBOX"
