"""The machine can fail: with one safeguard of the product taken away, it finds what that one was for.

Here, and nowhere else, the product is patched. Each takes as long as it takes to be found, so `make soak` tries them,
not `make test`.
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from broker.association import confirmation, contests, proofs, service
from broker.association.models import Association, MailedProof
from broker.identities import passwords, reset
from broker.identities import service as identities
from broker.identities.models import Link
from broker.login import recovery
from broker.oidc import queries
from broker.sessions import service as sessions
from config import secrets
from config.database import session
from tenants.legacy import lifecycle
from tenants.legacy import service as legacy
from tenants.trust import service as trust
from tests.security.attackers.test_machine import SOAK, attack
from tests.world import World

Patch = pytest.MonkeyPatch
WITHIN = 6000


def the_password_need_not_be_shown(patch: Patch) -> None:
    """An identity that appeared meanwhile is not asked for its own password."""
    patch.setattr(confirmation, "_refuse_unproved", lambda *_: None)


def a_corrected_address_keeps_its_links(patch: Patch) -> None:
    """Links, codes and what they proved outlive « Corriger l'adresse » and « Ce n'est pas moi »."""
    patch.setattr(service, "void_proofs", lambda _: None)


def a_code_is_good_in_any_browser(patch: Patch) -> None:
    """The typed code is looked for among all attempts."""
    right = proofs._mac

    def by_code(attempt: Association, code: str) -> str | None:
        for row in session().scalars(select(MailedProof)):
            if secrets.same(row.code_mac, right(row.association_id, code)):
                return proofs._proved(attempt, "mail-code", None, shown=True)
        return None

    patch.setattr(proofs, "by_code", by_code)


def the_attempts_own_password_always_counts(patch: Patch) -> None:
    """An existing identity's password is not asked for: whoever begins an attempt chooses what opens it (R1)."""

    def counts(attempt: Association, password: str) -> Any:
        identity = identities.by_email(attempt.email or "")
        right = passwords.matches(attempt.password_hash or "", password)
        return proofs._Counted(identity.id if identity else None) if right else None

    patch.setattr(proofs, "_password_counts", counts)


def a_retired_code_goes_on_working(patch: Patch) -> None:
    """A confirmed association retires nothing."""
    real = lifecycle.confirm
    patch.setattr(legacy, "confirm", lambda account, **_: real(account, disable=False))
    patch.setattr(legacy, "_is_retired", lambda *_: False)


def a_contest_suspends_nothing(patch: Patch) -> None:
    """« L'accès est suspendu », and the link is as it was."""
    real = contests.suspend

    def suspend(handle: str) -> None:
        real(handle)
        session().get_one(Link, contests._of_handle(handle).link_id).state = "active"

    patch.setattr(contests, "suspend", suspend)


def a_reset_leaves_sessions_alone(patch: Patch) -> None:
    """The epoch does not rise."""

    def set_password(*values: Any) -> Any:
        identity = reset.set_password(*values)
        if identity is not None:
            identity.epoch -= 1
        return identity

    patch.setattr(recovery, "reset", _With(reset, set_password=set_password))
    patch.setattr(sessions, "end_all_of", lambda _: None)


class _With:
    """A module with some names replaced."""

    def __init__(self, module: Any, **names: Any) -> None:
        self._module, self._names = module, names

    def __getattr__(self, name: str) -> Any:
        return self._names.get(name) or getattr(self._module, name)


def a_code_is_redeemed_twice(patch: Patch) -> None:
    """The mark of the first redemption is not looked at."""
    patch.setattr(queries, "TAKE_CODE", queries.TAKE_CODE.replace("AND g.code_used_at IS NULL", ""))


def syndics_need_not_be_partners(patch: Patch) -> None:
    """Any account joins any identity."""
    patch.setattr(trust, "may_link", lambda *_: trust.Decision(True, "first_account"))


def a_logout_ends_nothing(patch: Patch) -> None:
    """Only the cookie goes."""
    patch.setattr(sessions, "end", lambda *_: None)


def links_are_acknowledged_and_lost(patch: Patch) -> None:
    """« Ce compte est associé », and no link is there."""
    real = confirmation.confirm

    def lost(*values: Any) -> Any:
        made = real(*values)
        made.link.state = "ended"
        return made

    patch.setattr(confirmation, "confirm", lost)


MUTANTS = [
    the_password_need_not_be_shown, a_corrected_address_keeps_its_links, a_code_is_good_in_any_browser,
    the_attempts_own_password_always_counts, a_retired_code_goes_on_working, a_contest_suspends_nothing,
    a_reset_leaves_sessions_alone, a_code_is_redeemed_twice, syndics_need_not_be_partners, a_logout_ends_nothing,
    links_are_acknowledged_and_lost,
]  # fmt: skip


@pytest.mark.skipif(not SOAK, reason="`make soak` breaks the product to see the machine notice")
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_the_machine_notices(mutant: Callable[[Patch], None], world: World, monkeypatch: Patch) -> None:
    mutant(monkeypatch)
    with pytest.raises(AssertionError) as found:
        attack(world, WITHIN)
    print(str(found.value)[:300])  # noqa: T201 - by what it was noticed
