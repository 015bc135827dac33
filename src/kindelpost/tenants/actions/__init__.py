"""Every change of what is served: `verb_noun(thing, *, actor)`, in one transaction, its last line a journal entry."""

from __future__ import annotations

from kindelpost.tenants.actions.aliases import create_alias, remove_alias
from kindelpost.tenants.actions.clients import create_client, remove_client
from kindelpost.tenants.actions.domains import create_domain, mark_domain_ready, remove_domain
from kindelpost.tenants.actions.grants import expire_grants, grant_send_as, revoke_send_as
from kindelpost.tenants.actions.mailboxes import (
    create_mailbox,
    mark_mailbox_ready,
    remove_mailbox,
    set_mailbox_quota,
    set_password,
)

__all__ = [
    "create_alias",
    "create_client",
    "create_domain",
    "create_mailbox",
    "expire_grants",
    "grant_send_as",
    "mark_domain_ready",
    "mark_mailbox_ready",
    "remove_alias",
    "remove_client",
    "remove_domain",
    "remove_mailbox",
    "revoke_send_as",
    "set_mailbox_quota",
    "set_password",
]
