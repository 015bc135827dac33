"""One root error with a code, a message for a person, and data; doors translate it, rooms know no HTTP."""

from __future__ import annotations

__all__ = ["EngineFault", "KindelpostError", "Refused"]


class KindelpostError(Exception):
    """Something went wrong that we foresaw: `code` is stable, `message` says what happened, `hint` what to do."""

    def __init__(self, code: str, message: str, hint: str = "", **data: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.data = data

    def __str__(self) -> str:
        """What happened, and what to do where we know it."""
        return f"{self.message} {self.hint}".strip()


class Refused(KindelpostError):
    """The person who asked can mend it: a wrong name, a missing right, a setting out of range. Exit code 1 or 2."""


class EngineFault(KindelpostError):
    """The operator can mend it: an engine, a disk, a port, a package. Exit code 3."""
