"""Fixtures of all unit tests: no sockets, but those of the machine itself (PostgreSQL's)."""

from __future__ import annotations

from pytest_socket import disable_socket


def pytest_runtest_setup() -> None:
    disable_socket(allow_unix_socket=True)
