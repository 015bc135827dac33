"""Every change of people and tokens: `verb_noun(thing, *, actor)`, in one transaction, its last line a journal entry."""

from __future__ import annotations

from kindelpost.accounts.actions.enrolment import enrol_person, finish_enrolment, recover_person, redeem_enrolment
from kindelpost.accounts.actions.people import add_person, remove_person, seal_break_glass
from kindelpost.accounts.actions.signing_in import end_sessions, note_credentials, note_sign_in, set_language, set_password
from kindelpost.accounts.actions.tokens import add_token, revoke_token, use_token

__all__ = [
    "add_person",
    "add_token",
    "end_sessions",
    "enrol_person",
    "finish_enrolment",
    "note_credentials",
    "note_sign_in",
    "recover_person",
    "redeem_enrolment",
    "remove_person",
    "revoke_token",
    "seal_break_glass",
    "set_language",
    "set_password",
    "use_token",
]
