"""P6, P5.11: senders' rights, the relay, TLS and signatures are broken, one at a time."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from e2e.sabotage.tools import Break, engine_edited, mode_changed, restarted, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.service import Service

__all__ = ["BREAKS"]


@contextmanager
def another_certificate(service: Service) -> Iterator[None]:
    """The web door shows a certificate of somebody else's names."""
    tls = service.facts.layout.tls
    with (
        written(tls("front") / "fullchain.pem", (tls("outside") / "fullchain.pem").read_bytes()),
        written(tls("front") / "key.pem", (tls("outside") / "key.pem").read_bytes()),
    ):
        restarted(service, "nginx")
        yield
    restarted(service, "nginx")  # a test that failed leaves it to the next one's restart


@contextmanager
def open_queue(service: Service) -> Iterator[None]:
    """Everybody may write into the folder from which pickup(8) takes mail."""
    with ExitStack() as modes:
        for path, mode in (("data/postfix", 0o755), ("data/postfix/queue/maildrop", 0o1777)):
            modes.enter_context(mode_changed(path, mode)(service))
        yield


SIGNER = "local domain = task:cache_get('kindelpost_signer')"
BREAKS = (
    Break(
        "the senders in headers are not looked at",
        ("P6.1.tricks", "P6.1.clients", "P6.1.sieve"),
        engine_edited("rspamd", ("kindelpost/ownership.lua", "local rule = RULES[door.of(task)]", "local rule = nil")),
    ),
    Break(
        "everybody may put mail into the local queue",
        ("P6.1.local",),
        open_queue,
    ),
    Break(
        "every account may submit by the sendmail command",
        ("P6.1.local",),
        engine_edited("postfix", ("main.cf", "authorized_submit_users = root", "authorized_submit_users = static:anyone")),
    ),
    Break(
        "nobody owns an address",
        ("P6.2",),
        engine_edited(
            "postfix", ("main.cf", "smtpd_sender_login_maps = lmdb:", "smtpd_sender_login_maps = inline:{a=b}\nunused = lmdb:")
        ),
    ),
    Break(
        "mail is signed for another's domain",
        ("P6.3",),
        engine_edited(
            "rspamd",
            ("kindelpost/signing.lua", f"{SIGNER}\n  if not domain or", f"{SIGNER} and 'kadakas.example'\n  if not domain or"),
        ),
    ),
    Break(
        "a network is trusted and may relay",
        ("P6.4", "P6.9.ipv4", "P6.9.ipv6"),
        engine_edited(
            "postfix",
            ("main.cf", "mynetworks =\n", "mynetworks = 203.0.113.0/24 [2001:db8::]/32\n"),
            ("main.cf", "= reject_unauth_destination\n", "= permit_mynetworks, reject_unauth_destination\n"),
        ),
    ),
    Break(
        "the web door speaks TLS 1.0",
        ("P5.11.versions",),
        engine_edited(
            "nginx",
            ("nginx.conf", "ssl_protocols TLSv1.2 TLSv1.3;", "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;"),
            ("nginx.conf", "ssl_ciphers ", "ssl_ciphers ALL:@SECLEVEL=0:"),
        ),
    ),
    Break("the web door shows another's certificate", ("P5.11.certificates",), another_certificate),
    Break(
        "a password is taken before TLS",
        ("P5.11.plaintext",),
        engine_edited(
            "postfix",
            ("main.cf", "smtpd_tls_auth_only = yes", "smtpd_tls_auth_only = no"),
            ("master.cf", "-o smtpd_tls_security_level=encrypt", "-o smtpd_tls_security_level=may"),
        ),
    ),
)
