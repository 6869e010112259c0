"""What is checked after each step (SECURITY « Invariants »): the tables are read directly, never through services."""

import hashlib
from typing import Any

from hypothesis.stateful import invariant
from sqlalchemy import text

from broker.identities import passwords
from config import clock
from config.database import db
from tests.security.attackers.replaying import Replaying
from tests.security.attackers.truth import Tie

LINKS = """
SELECT i.email, y.slug, a.identifier, l.state, l.proofs, a.public_id,
       EXISTS (SELECT 1 FROM ledger e WHERE e.chain = l.syndic_id AND e.kind = 'association.confirmed'
               AND e.body->>'association' = l.association_id::text
               AND e.body->>'account' = a.public_id AND e.body->'proofs' = to_jsonb(l.proofs)) AS proved
FROM links l JOIN identities i ON i.id = l.identity_id JOIN legacy_accounts a ON a.id = l.account_id
JOIN syndics y ON y.id = l.syndic_id WHERE y.slug = ANY (:slugs)
"""
SESSIONS = """
SELECT s.token_digest, i.email FROM login_sessions s JOIN identities i ON i.id = s.identity_id
WHERE s.token_digest = ANY (:digests) AND s.ended_at IS NULL AND s.identity_epoch = i.epoch
  AND s.expires_at > :now AND s.seen_at + make_interval(secs => s.idle_s) > :now
"""
ACCOUNTS = """
SELECT y.slug, a.identifier, a.state FROM legacy_accounts a JOIN syndics y ON y.id = a.syndic_id
WHERE y.slug = ANY (:slugs)
"""
IDENTITIES = "SELECT email, password_hash FROM identities WHERE email = ANY (:emails)"
LOOKED_AT = 2


class Invariants(Replaying):
    """I1, I2, I3 and I6."""

    @invariant()
    def holds(self) -> None:
        """All of them, as one line of a printed example."""
        self.met["steps"] += 1
        self.every_acknowledged_change_is_there_and_no_other()
        self.no_browser_is_anybody_it_was_not_let_in_as()
        self.no_token_opens_what_is_not_allowed_now()
        self.nothing_is_disabled_before_a_confirmed_link()

    def every_acknowledged_change_is_there_and_no_other(self) -> None:
        """I1 and I2: links, and passwords."""
        rows = self._rows(LINKS, slugs=[house.slug for house in self.houses])
        there = {(row["email"], row["slug"], row["identifier"]): row for row in rows if row["state"] != "ended"}
        known = {self._key(tie): tie for tie in self.truth.ties if tie.state != "ended"}
        assert there.keys() == known.keys(), f"links are {sorted(there)}, acknowledged were {sorted(known)} (I1, I2)"
        for key, tie in known.items():
            assert there[key]["state"] == tie.state, f"{key} was acknowledged as {tie.state} (I1)"
            assert there[key]["proved"], f"{key} has no entry of both proofs in the ledger (I2)"
            assert len(there[key]["proofs"]) == 2, f"{key} rests on {there[key]['proofs']} (I2)"
        found = {row["email"]: row["password_hash"] for row in self._rows(IDENTITIES, emails=self.addresses())}
        assert found.keys() == self.truth.people.keys(), "an identity is what a confirmed association makes (R1)"
        for email, person in self.truth.people.items():
            assert passwords.matches(found[email], person.password), f"{email}: the acknowledged password (I1)"

    def no_browser_is_anybody_it_was_not_let_in_as(self) -> None:
        """No attacker's browser holds a session of the victim's identity, nor the victim's one of an attacker's."""
        cookies = {hashlib.sha256(where.cookie("session").encode()).digest(): where for where in self.devices}
        rows = self._rows(SESSIONS, digests=list(cookies))
        for row in rows:
            where = cookies[bytes(row["token_digest"])]
            assert where.sitting is not None, f"a session of {row['email']} lives where it had ended (R2)"
            assert where.sitting.person is not None
            assert where.sitting.person.email == row["email"], "a session is of who was let in"

    def no_token_opens_what_is_not_allowed_now(self) -> None:
        """I3: the newest, the oldest, and one in turn, of all that anybody ever obtained."""
        held = [grant for grant in self.grants if grant.access]
        chosen = {
            id(grant): grant for grant in (held[-1:] + held[:1] + held[self.met["steps"] % max(len(held), 1) :][:1])
        }
        for grant in list(chosen.values())[:LOOKED_AT]:
            self.look(grant)

    def nothing_is_disabled_before_a_confirmed_link(self) -> None:
        """I6: and where the policy keeps the codes, nothing ever is."""
        tied = {(paper.house.slug, paper.identifier) for paper in self.truth.papers if paper.retired}
        for row in self._rows(ACCOUNTS, slugs=[house.slug for house in self.houses]):
            closed = row["state"] in {"disable_requested", "disabled"}
            assert not closed or (row["slug"], row["identifier"]) in tied, f"{row} is closed without a link (I6)"

    def _rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        with self.world.application.app_context(), db.engine.connect() as connection:
            found = connection.execute(text(query), {**values, "now": clock.now()} if ":now" in query else values)
            return [dict(row) for row in found.mappings()]

    def _key(self, tie: Tie) -> tuple[str, str, str]:
        return tie.person.email, tie.paper.house.slug, tie.paper.identifier
