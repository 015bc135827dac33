"""Messages for the filter's tests."""

from __future__ import annotations

import base64
import io
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

import dkim

if TYPE_CHECKING:
    from e2e.filter.stage import Keys

__all__ = ["CLEAN", "EICAR", "GTUBE", "attached", "encoded", "letter", "signed", "zipped"]

# Split, so that a scanner of this file finds nothing.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
CLEAN = b"just a file, nothing else in it\r\n"


def letter(
    sender: str = "From: Someone <someone@remote.example>",
    body: str = "Tere, kohtume homme kell kolm.",
    *,
    to: str = "alice@a.example",
) -> bytes:
    """A plain message; `sender` is the whole of its sender headers, CRLF between them, or empty."""
    head = [sender] if sender else []
    head += [f"To: <{to}>", "Subject: Homme", "Date: Tue, 24 Nov 2026 05:00:00 +0000", "Message-ID: <1@remote.example>"]
    head += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
    return ("\r\n".join([*head, "", body, ""])).encode()


def zipped(content: bytes, times: int = 1) -> bytes:
    """The content in a zip, in a zip, and so on."""
    for _ in range(times):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("file.bin", content)
        content = sink.getvalue()
    return content


def attached(content: bytes, kind: str = "application/octet-stream", *, sender: str = "someone@remote.example") -> bytes:
    """A message with one attachment in base64; `message/rfc822` wraps a whole message that has it."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = f"Someone <{sender}>", "alice@a.example", "Fail"
    message["Date"], message["Message-ID"] = "Tue, 24 Nov 2026 05:00:00 +0000", "<2@remote.example>"
    message.set_content("Manuses.\n")
    if kind == "message/rfc822":
        inner = EmailMessage(policy=SMTP)
        inner["From"], inner["Subject"] = "x@remote.example", "inside"
        inner.set_content("inside\n")
        inner.add_attachment(content, maintype="application", subtype="octet-stream", filename="file.bin")
        message.add_attachment(inner)
    else:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename="file.bin")
    return message.as_bytes()


def encoded(content: bytes) -> bytes:
    """The content as the whole base64 body of a text/plain message."""
    head = letter().partition(b"\r\n\r\n")[0]
    return head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(content).replace(b"\n", b"\r\n")


def signed(raw: bytes, keys: Keys, domain: str) -> bytes:
    """The message with an RSA DKIM signature of `domain`."""
    signature: bytes = dkim.sign(
        raw, b"rsa1", domain.encode(), keys.files["rsa1"], include_headers=[b"from", b"to", b"subject"]
    )
    return signature + raw
