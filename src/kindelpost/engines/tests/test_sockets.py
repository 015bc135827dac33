from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from kindelpost.config.service import Service
from kindelpost.engines.base import Listener
from kindelpost.engines.facts import Facts, Layout
from kindelpost.engines.sockets import Socket, account_for, parse_table

ROW = "00000000:00000000 00:00000000 00000000     0        0"
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
TCP = HEAD + (
    f"   0: 0100007F:0019 00000000:0000 0A {ROW} 4711 1 0000000000000000 100 0 0 10 0\n"
    f"   1: 0100007F:0019 0100007F:C001 01 {ROW} 4712 1 0000000000000000 100 0 0 10 0\n"
)
TCP6 = HEAD + (
    "   0: 00000000000000000000000001000000:01D1 00000000000000000000000000000000:0000 0A "
    f"{ROW} 4713 1 0000000000000000 100 0 0 10 0\n"
)
FACTS = Facts(Layout(Path("/srv/kp")), Service())


def found(port: int, address: str = "127.0.0.1", protocol: str = "tcp", process: str = "postfix") -> Socket:
    return Socket(protocol, address, port, process, "root", 7)


def test_a_listening_socket_is_read_and_a_connection_is_not() -> None:
    assert parse_table(TCP, "tcp") == {4711: ("tcp", "127.0.0.1", 25)}
    assert parse_table(TCP6, "tcp") == {4713: ("tcp", "::1", 465)}


@given(some.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    rows = "\n".join(f"{at}: {line}" for at, line in enumerate(text.split("\n")))
    parse_table(HEAD + rows.replace(" 0A ", " 01 "), "tcp")


def test_what_nobody_declared_is_unknown() -> None:
    held = account_for([found(25), found(31337)], [Listener(25, "mx", internal=True)], FACTS)
    assert ([each.port for each in held.known], [each.port for each in held.unknown]) == ([25], [31337])


def test_a_front_door_that_is_shut_on_one_family_is_missing() -> None:
    door = Listener(25, "mx")
    assert account_for([found(25)], [door], FACTS).missing == (door,)
    assert account_for([found(25), found(25, "::1")], [door], FACTS).missing == ()
    assert account_for([found(25, "::")], [door], FACTS).missing == ()


def test_an_internal_door_on_an_outer_address_is_exposed() -> None:
    door = Listener(10025, "sieve-out", internal=True)
    assert account_for([found(10025, "203.0.113.1")], [door], FACTS).exposed == (found(10025, "203.0.113.1"),)


def test_a_resolvers_question_is_no_listener() -> None:
    assert account_for([found(40000, protocol="udp", process="unbound")], [], FACTS).unknown == ()
    assert account_for([found(40000, protocol="udp", process="nginx")], [], FACTS).unknown != ()
