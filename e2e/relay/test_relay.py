"""T04: no stranger's mail goes through us to a third party, in whatever form the address is written, over IPv4 and IPv6."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from e2e.service import Service

# {v}: the victim, in a domain that is not ours; {d}: a domain of ours; {h}: our host name; {ip4}, {ip6}: our addresses
FORMS = [
    "<victim@{v}>",
    "<victim%{v}@{d}>",
    "<victim%{v}@{h}>",
    "<victim%{v}>",
    "<victim%{v}@[{ip4}]>",
    "<victim@{v}@{d}>",
    '<"victim@{v}">',
    '<"victim@{v}"@{d}>',
    '<"victim%{v}"@{h}>',
    "<@{d}:victim@{v}>",
    "<@{h}:victim@{v}>",
    "<@{h},@{d}:victim@{v}>",
    "<@[{ip4}]:victim@{v}>",
    "<{v}!victim>",
    "<{v}!victim@{d}>",
    "<{d}!{v}!victim>",
    "<victim@[{ip4}]>",
    "<victim@[IPv6:{ip6}]>",
    "<victim@localhost>",
    "<victim@127.0.0.1>",
    "<victim>",
    "<SRS0=abcd=ab={v}=victim@{h}>",
    "<SRS1=abcd={d}==abcd=ab={v}=victim@{h}>",
    "<victim+{v}@{d}>",
]


@pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("sender", ["<spammer@none.example>", "<>", "<postmaster@{h}>", "<keegi@{d}>"])
def test_no_form_of_an_address_is_relayed(service: Service, v6: bool, sender: str) -> None:  # noqa: FBT001 -- parametrised
    own = {"v": "outside.example", "d": "kadakas.example", "h": service.name}
    own |= {"ip4": service.outside.service_v4, "ip6": service.outside.service_v6}
    for number, form in enumerate(FORMS):
        with service.mx(v6=v6, tls=False, source=6 + number % 7) as client:
            code, _words = client.docmd("MAIL", f"FROM:{sender.format(**own)}")
            if code // 100 == 2:
                code, words = client.docmd("RCPT", f"TO:{form.format(**own)}")
                assert code // 100 == 5, f"{sender} {form}: {code} {words!r}"


def test_a_mailbox_of_ours_is_accepted_from_the_same_stranger(service: Service, mari: str) -> None:
    """The positive twin."""
    with service.mx(tls=False) as client:
        assert client.docmd("MAIL", "FROM:<spammer@none.example>")[0] == 250
        assert client.docmd("RCPT", f"TO:<{mari}>")[0] == 250


@pytest.mark.parametrize("door", ["submissions", "submission"])
def test_submission_without_a_login_takes_nothing(service: Service, mari: str, door: str) -> None:
    """T07, T08: an address range is no credential."""
    with service.client(door) as client:
        client.ehlo()
        if door == "submission":
            assert client.docmd("MAIL", f"FROM:<{mari}>")[0] == 530
            client.starttls(context=service.context)
            client.ehlo()
        client.docmd("MAIL", f"FROM:<{mari}>")
        assert client.docmd("RCPT", "TO:<bob@outside.example>")[0] // 100 == 5
        assert client.docmd("RCPT", f"TO:<{mari}>")[0] // 100 == 5
