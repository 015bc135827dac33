"""P3.4: senders that pass for a client's domain, pages that ask for a password, links in QR codes: Junk, and not more."""

from __future__ import annotations

import io
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image

from e2e.filter.mails import letter
from e2e.filter.milter import Envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.filter.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120), pytest.mark.usefixtures("hosted")]

HOSTED = ("kadakas.ee", "pihlakas.co.uk", "mail.jugapuu.ee", "kammer.ee")
PASSING_FOR = {
    "its address as name": 'From: "Mari <mari@kadakas.ee>" <x@remote.example>',
    "its address as encoded name": "From: =?utf-8?b?TWFyaSBtYXJpQGthZGFrYXMuZWU=?= <x@remote.example>",
    "its domain as name": "From: Kadakas.ee IT <x@remote.example>",
    "a letter too many": "From: mari@kadakkas.ee",
    "a letter too few": "From: mari@kadaas.ee",
    "another letter": "From: mari@kadekas.ee",
    "letters exchanged": "From: mari@kadaaks.ee",
    "a typo under a longer suffix": "From: mari@pihlakaas.co.uk",
    "a typo above": "From: mari@mail.jugapu.ee",
    "a typo below": "From: mari@post.kadekas.ee",
    "digits": "From: mari@pih1akas.co.uk",
    "two letters for one": "From: mari@kamrner.ee",
    "Cyrillic letters": "From: mari@xn--kdkas-4veb.ee",
    "a mark on a letter": "From: mari@xn--kdakas-bua.ee",
    "hyphens for dots": "From: mari@kadakas-ee.com",
    "all hyphens": "From: mari@mail-jugapuu-ee.com",
    "in front of another": "From: mari@kadakas.ee.portal.com",
}
HONEST = {
    "another name": "From: Mari <mari@kuusk.ee>",
    "two letters away": "From: Mari <mari@kadrkus.ee>",
    "the same name elsewhere": "From: Mari <mari@kadakas.lv>",
    "a longer name": "From: Mari <mari@kadakaspood.ee>",
    "its word alone as name": "From: Kadakas AS <mari@remote.example>",
    "a mark in an honest name": "From: mari@xn--pder-0qa.ee",
    "its own address as name": 'From: "x@remote.example" <x@remote.example>',
    "no such name in Punycode": "From: mari@xn--zzzzzzzzzz99999999.ee",
}
TEXT = "Tere, siin on meie uus leht, palun vaata ja anna teada, mida arvad."  # else the stock rules see links alone
FIELD = '<form action="/"><input name="u"><input type="password" name="p"></form>'


@pytest.fixture(scope="module")
def hosted(stage: Stage) -> Iterator[None]:
    """The map of hosted domains has these, too."""
    before = (stage.facts.layout.maps("rspamd") / "hosted_domains.map").read_text()
    files = {"hosted_domains.map": before + "".join(f"{name}\n" for name in HOSTED)}
    stage.until(lambda: stage.send(letter("From: mari@kadakas.ee")).refused, files)
    yield
    stage.until(lambda: not stage.send(letter("From: mari@kadakas.ee")).refused, {"hosted_domains.map": before})


def message(html: str = "", *, page: str = "", image: bytes = b"", sender: str = "x@remote.example") -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"], made["Message-ID"] = sender, "alice@a.example", "Teade", "<3@remote.example>"
    made["Date"] = "Tue, 24 Nov 2026 05:00:00 +0000"
    made.set_content(f"{TEXT}\n")
    if html:
        made.add_alternative(f"<html><body><p>{TEXT}</p>{html}</body></html>", subtype="html")
    if page:
        made.add_attachment(page.encode(), maintype="application", subtype="octet-stream", filename="arve.HTML")
    if image:
        made.add_attachment(image, maintype="application", subtype="octet-stream", filename="kood.png")
    return made.as_bytes()


def code(text: str, *, size: int = 300) -> bytes:
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=3)
    paper = Image.new("L", (size, size), 255)
    paper.paste(Image.fromarray(drawn), (20, 20))
    sink = io.BytesIO()
    paper.save(sink, "PNG")
    return sink.getvalue()


@pytest.mark.parametrize("case", PASSING_FOR)
def test_who_passes_for_a_client_goes_to_junk(stage: Stage, case: str) -> None:
    verdict = stage.send(letter(PASSING_FOR[case]))
    assert verdict.junk, verdict


@pytest.mark.parametrize("case", HONEST)
def test_an_honest_neighbour_does_not(stage: Stage, case: str) -> None:
    assert stage.send(letter(HONEST[case])).inbox


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("html", FIELD),
        ("page", FIELD),
        ("page", FIELD.replace("password", "pass&#119;ord").upper()),
        ("html", '<a href="https://portal.example.com/">https://kadakas.ee/</a>'),
    ],
    ids=["in the text", "attached", "in other letters", "a link that shows a client"],
)
def test_who_asks_for_a_password_goes_to_junk(stage: Stage, where: str, said: str) -> None:
    verdict = stage.send(message(said) if where == "html" else message(page=said))
    assert verdict.junk, verdict


@pytest.mark.parametrize(
    "html",
    [
        FIELD.replace("password", "text"),
        '<a href="https://www.kadakas.ee/x">kadakas.ee</a>',
        '<a href="https://portal.example.com/">Logi sisse</a>',
    ],
    ids=["another field", "a link to the client", "a link in words"],
)
def test_who_does_not_ask_for_one_does_not(stage: Stage, html: str) -> None:
    assert stage.send(message(html)).inbox


@pytest.mark.parametrize("text", ["https://portal.example.com/x", "HTTP://PORTAL.EXAMPLE.COM", "portal.example.com/x"])
def test_a_link_in_a_code_goes_to_junk(stage: Stage, text: str) -> None:
    verdict = stage.send(message(image=code(text)))
    assert verdict.junk, verdict


def test_a_link_that_the_text_has_as_well_hides_nothing(stage: Stage) -> None:
    html = '<a href="https://www.example.com/x">Pilet</a>'
    assert stage.send(message(html, image=code("https://portal.example.com/x"))).inbox


@pytest.mark.parametrize("text", ["BCD\n002\n1\nSCT\n\nKadakas\nEE382200221020145685", "WIFI:S:post;T:WPA;P:x;;", "1234567890"])
def test_a_code_without_a_link_does_not(stage: Stage, text: str) -> None:
    assert stage.send(message(image=code(text))).inbox


def test_an_image_that_cannot_be_looked_at_goes_to_junk(stage: Stage) -> None:
    sink = io.BytesIO()
    Image.new("1", (8000, 8000)).save(sink, "PNG")
    assert stage.send(message(image=sink.getvalue())).junk


def test_what_a_login_sends_is_not_held_to_it(stage: Stage) -> None:
    raw = message(FIELD, image=code("https://portal.example.com/x"), sender="alice@a.example")
    assert stage.send(
        raw, Envelope(door="submission", login="alice@a.example", sender="alice@a.example", recipients=("x@remote.example",))
    ).inbox


def test_without_the_scanner_mail_with_images_waits(stage: Stage) -> None:
    stage.stop("images")
    try:
        assert stage.send(message(image=code("https://portal.example.com/x"))).deferred
        assert stage.send(message()).inbox
    finally:
        stage.start("images")
    assert stage.send(message(image=code("1234567890"))).inbox
