"""A machine's token: a scope, networks, 90 days at most; kept as a hash; revoked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kindelpost.accounts.actions import add_token, revoke_token, use_token
from kindelpost.accounts.actions.tokens import Area, Scope
from kindelpost.accounts.queries import token_for
from kindelpost.journal.models import Entry
from kindelpost.lib.errors import Refused

if TYPE_CHECKING:
    from time_machine import Traveller

    from kindelpost.accounts.models import Token
    from kindelpost.conftest import World

HERE, THERE = "198.51.100.7", "203.0.113.9"


def made(world: World, **other: Any) -> tuple[Token, str]:  # noqa: ANN401 -- the fields of add_token
    settings: dict[str, Any] = {"scopes": ["read"], "networks": ["198.51.100.0/24"], "days": 90, "actor": world.dora}
    return add_token("reporter", **{**settings, **other})


def test_a_token_works_within_its_scope_network_and_time(world: World, clock: Traveller) -> None:
    token, text = made(world)
    assert use_token(text, HERE, Scope.READ).kind == "provider"
    token.refresh_from_db()
    assert token.used_from == HERE
    for address, scope, code in ((THERE, Scope.READ, "bad-token"), (HERE, Scope.WRITE, "bad-scope")):
        with pytest.raises(Refused) as refused:
            use_token(text, address, scope)
        assert refused.value.code == code
    clock.shift(90 * 86400)
    with pytest.raises(Refused):
        use_token(text, HERE, Scope.READ)


def test_a_scope_may_be_of_one_area(world: World) -> None:
    _token, text = made(world, scopes=["mailboxes:write", "read"])
    assert use_token(text, HERE, Scope.WRITE, Area.MAILBOXES) == use_token(text, HERE, Scope.READ, Area.JOURNAL)
    for area in (Area.DOMAINS, None):
        with pytest.raises(Refused) as refused:
            use_token(text, HERE, Scope.WRITE, area)
        assert refused.value.code == "bad-scope"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"days": 91}, "bad-expiry"),
        ({"days": 0}, "bad-expiry"),
        ({"networks": []}, "bad-network"),
        ({"networks": ["0.0.0.0/0"]}, "bad-network"),
        ({"networks": ["::/0"]}, "bad-network"),
        ({"networks": ["nowhere"]}, "bad-network"),
        ({"scopes": []}, "bad-scope"),
        ({"scopes": ["root"]}, "bad-scope"),
        ({"scopes": ["mailboxes:root"]}, "bad-scope"),
    ],
)
def test_a_token_without_bounds_is_refused(world: World, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        made(world, **wrong)
    assert refused.value.code == code


def test_only_its_hash_is_kept(world: World) -> None:
    token, text = made(world)
    assert text not in str(vars(token))
    assert text not in str(list(Entry.objects.values()))


def test_revoked_means_at_once(world: World) -> None:
    token, text = made(world)
    revoke_token(token, actor=world.dora)
    with pytest.raises(Refused):
        use_token(text, HERE, Scope.READ)
    assert made(world)[0].name == "reporter", "its name is free again"


def test_a_clients_token_is_the_clients(world: World) -> None:
    _token, text = made(world, client_id=world.alfa.pk, actor=world.alice)
    actor = use_token(text, HERE, Scope.READ)
    assert (actor.kind, actor.client_id) == ("client", world.alfa.pk)
    with pytest.raises(Refused):
        token_for(world.carl, "reporter")
    with pytest.raises(Refused):
        made(world, actor=world.alice)
