"""The outside world's mail exchangers: SMTP sinks with and without STARTTLS, and the HTTPS host of MTA-STS policies.

Run as `python -m kindelpost.engines.outside.sink sink.json`, inside the namespace.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.smtp import SMTP

from kindelpost.lib.clock import now
from kindelpost.lib.files import write_atomic

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope, Session

__all__ = ["Received", "received", "serve"]

SIZE = 200_000_000
NUMBERS = count()


@dataclass(frozen=True)
class Received:
    """One message that the sink took: the envelope, where from, over which TLS ("" for none), and the content as it came."""

    at: str  # ISO 8601, UTC
    client: str
    helo: str
    sender: str
    recipients: tuple[str, ...]
    tls: str  # such as TLSv1.3
    cipher: str
    content: bytes


def received(inbox: Path) -> list[Received]:
    """Every message in `inbox` (data/outside/inbox), oldest first."""
    return [load(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(inbox.glob("*.json"))]


def load(kept: dict[str, Any]) -> Received:
    """A message from its file."""
    return Received(**{**kept, "recipients": tuple(kept["recipients"]), "content": kept["content"].encode("latin-1")})


class Keeper:
    """aiosmtpd's handler: keeps each message whole; `defer-…@` is answered 450, `reject-…@` 550, at RCPT (RFC 5321 §4.2.3)."""

    def __init__(self, inbox: Path) -> None:
        """`inbox` is the folder that takes one file a message."""
        self.inbox = inbox

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """The test says by the local part what it wants to be answered."""
        if address.startswith("defer-"):
            return "450 4.2.0 Deferred as asked"
        if address.startswith("reject-"):
            return "550 5.1.1 Rejected as asked"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Keep the message, then say so."""
        secured: ssl.SSLObject | None = session.ssl["ssl_object"] if session.ssl else None
        kept = Received(
            at=now().isoformat(),
            client=cast("tuple[str, int]", session.peer)[0],  # aiosmtpd calls it str | None, and gives the socket's address
            helo=session.host_name or "",
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            tls=(secured.version() or "") if secured else "",
            cipher=(secured.cipher() or [""])[0] if secured else "",
            content=envelope.original_content or b"",
        )
        name = f"{time.time_ns()}-{next(NUMBERS)}.json"
        text = json.dumps({**asdict(kept), "content": kept.content.decode("latin-1")})
        write_atomic(self.inbox / name, text)
        return f"250 2.0.0 Kept as {name}"


async def serve(settings: dict[str, Any]) -> None:
    """Listen as `settings` (sink.json) say, until stopped."""
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings["certificate"], settings["key"])
    keeper = Keeper(Path(settings["inbox"]))

    def smtp(secure: ssl.SSLContext | None) -> SMTP:
        return SMTP(
            keeper, hostname="mx.outside.example", tls_context=secure, loop=loop, data_size_limit=SIZE, enable_SMTPUTF8=True
        )

    await loop.create_server(lambda: smtp(context), settings["secure"], 25)
    await loop.create_server(lambda: smtp(None), settings["plain"], 25)
    policies: dict[str, str] = settings["policies"]
    await asyncio.start_server(lambda reader, writer: answer(reader, writer, policies), settings["secure"], 443, ssl=context)
    await asyncio.Event().wait()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, policies: dict[str, str]) -> None:
    """One HTTP request: the MTA-STS policy of the host asked for (RFC 8461 §3.3), or 404."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    path = head.split(" ", 2)[1]
    asked = next((line[5:].strip() for line in head.split("\r\n") if line.lower().startswith("host:")), "")
    text = policies.get(asked.lower(), "") if path == "/.well-known/mta-sts.txt" else ""
    status = "200 OK" if text else "404 Not Found"
    fields = f"Content-Type: text/plain\r\nContent-Length: {len(text)}\r\nConnection: close\r\n"
    writer.write(f"HTTP/1.1 {status}\r\n{fields}\r\n{text}".encode())
    await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
