"""Compares what was acknowledged with what is there: I1 to I6, each a list of complaints in words.

The tables are read directly, never through services; what an owner was told is in the history.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx2
import psycopg
from flask import Flask

from broker.identities import passwords
from tenants.audit import service as audit
from tests.browser import Browser
from tests.faults.extranet import Extranet
from tests.faults.history import History
from tests.faults.post import Post
from tests.journeys.steps import sign_in
from tests.relying_party import RelyingParty
from tests.world import TestSyndic

Rows = list[dict[str, Any]]
LINKS = """
SELECT i.email, y.slug AS syndic, a.identifier, a.state AS account, a.receipt, a.secret_hash, a.disable_key,
       y.legacy_disable, l.id, l.association_id, l.state, l.proofs,
       EXISTS (SELECT 1 FROM ledger e WHERE e.chain = l.syndic_id AND e.kind = 'association.confirmed'
               AND e.body->>'association' = l.association_id::text AND e.body->>'account' = a.public_id
               AND e.body->'proofs' = to_jsonb(l.proofs)) AS proved,
       (SELECT count(*) FROM mails m WHERE m.subject_id = l.association_id AND m.state = 'accepted') AS accepted,
       (SELECT count(*) FROM ledger e WHERE e.chain = l.syndic_id AND e.kind = 'legacy.disabled'
               AND e.body->>'account' = a.public_id) AS disablements
FROM links l JOIN identities i ON i.id = l.identity_id JOIN legacy_accounts a ON a.id = l.account_id
JOIN syndics y ON y.id = l.syndic_id WHERE y.slug = ANY (%(slugs)s)
"""
CLOSED = """
SELECT y.slug AS syndic, a.identifier, a.state FROM legacy_accounts a JOIN syndics y ON y.id = a.syndic_id
WHERE y.slug = ANY (%(slugs)s) AND a.state IN ('disable_requested', 'disabled')
  AND NOT EXISTS (SELECT 1 FROM links l WHERE l.account_id = a.id)
"""
MAILS = """
SELECT recipient, count(*) AS mails FROM mails
WHERE recipient = ANY (%(emails)s) AND state = 'accepted' AND reply LIKE '2%%' GROUP BY recipient
"""
IDENTITIES = "SELECT email, password_hash FROM identities WHERE email = ANY (%(emails)s)"
CIRCLES = """
SELECT c.name, array_agg(y.slug) AS members FROM trust_circles c JOIN trust_members m ON m.circle_id = c.id
JOIN syndics y ON y.id = m.syndic_id WHERE c.name = ANY (%(names)s) GROUP BY c.name
"""


@dataclass
class Judge:
    """Judges one history at the syndics where it took place."""

    history: History
    syndics: Iterable[TestSyndic]
    sql: "psycopg.Connection[dict[str, Any]]"
    post: Post
    extranet: Extranet
    application: Flask

    def __post_init__(self) -> None:
        """Syndics are looked for by their slugs."""
        self.houses = {house.slug: house for house in self.syndics}

    def complaints(self) -> list[str]:
        """All that is not as it was promised."""
        checks = (
            self.acknowledged_changes_are_there,
            self.no_link_without_both_proofs,
            self.nobody_was_let_in_who_may_not,
            self.every_confirmation_was_mailed_and_closes_the_old_door_once,
            self.the_ledger_is_whole,
            self.nothing_is_disabled_without_a_link_and_nothing_retired_works,
            self.nothing_happened_that_nobody_asked_for,
        )
        return [complaint for check in checks for complaint in check()]

    def acknowledged_changes_are_there(self) -> list[str]:
        """I1: links, unlinks, passwords, trust."""
        there = {_tie(row) for row in self._links() if row["state"] == "active"}
        ended = {_tie(act.facts) for act in self.history.of("detach") if act.outcome != "refused"}
        told = self.history.of("associate", "acknowledged")
        lost = [act for act in told if _tie(act.facts) not in there | ended]
        kept = [act for act in self.history.of("detach", "acknowledged") if _tie(act.facts) in there]
        return [
            *(f"I1: {act} was acknowledged, and there is no link" for act in lost),
            *(f"I1: {act} was acknowledged, and the link is there" for act in kept),
            *self._passwords(),
            *self._circles(),
        ]

    def _passwords(self) -> list[str]:
        hashes = {row["email"]: row["password_hash"] for row in self._rows(IDENTITIES, emails=self._emails())}
        wanted = {email: self._may_be_password(email) for email in hashes}
        return [
            f"I1: {email}: none of the passwords that were acknowledged, or last sent, is the stored one"
            for email, stored in hashes.items()
            if wanted[email] and not any(passwords.matches(stored, each) for each in wanted[email])
        ]

    def _may_be_password(self, email: str) -> set[str]:
        """The last acknowledged one; what was sent since then without an answer may count as well."""
        possible: set[str] = set()
        for act in self.history.acts:
            if act.kind in ("associate", "reset") and act.facts["email"] == email and act.outcome != "refused":
                possible = {act.facts["password"]} | (set() if act.outcome == "acknowledged" else possible)
        return possible

    def _circles(self) -> list[str]:
        told = self.history.of("trust", "acknowledged")
        there = {row["name"]: set(row["members"]) for row in self._rows(CIRCLES, names=[a.facts["name"] for a in told])}
        return [
            f"I1: {act} was acknowledged" for act in told if there.get(act.facts["name"]) != set(act.facts["members"])
        ]

    def no_link_without_both_proofs(self) -> list[str]:
        """I2."""
        unproved = [row for row in self._links() if not row["proved"] or len(row["proofs"]) != 2]
        return [f"I2: the link {_tie(row)} has no entry of both proofs in the ledger" for row in unproved]

    def nobody_was_let_in_who_may_not(self) -> list[str]:
        """I3: tokens and userinfo only for one's own account, by the right password, and not after a reset."""
        asked = {_tie(act.facts): act for act in self.history.of("associate") if act.outcome != "refused"}
        strangers = [
            f"I3: {act} gave an account that was never tied to this address"
            for act in self.history.of("sign-in", "acknowledged")
            if _tie(act.facts) not in asked
        ]
        mistyped = [f"I3: {act}: a wrong password let in" for act in self.history.of("mistype", "acknowledged")]
        return strangers + mistyped + self._revived()

    def _revived(self) -> list[str]:
        """R2: what a refresh token gave before an acknowledged reset gives nothing afterwards."""
        resets = [act for act in self.history.of("reset", "acknowledged") if act.facts.get("offline")]
        found = []
        for act in resets[:5]:
            house = next(each for each in self.houses.values() if each.slug in act.facts["email"])
            with httpx2.Client(timeout=30) as http:
                given = RelyingParty(house, http=http).refresh(act.facts["offline"]).status_code == 200
            if given:
                found.append(f"I3: {act}: a refresh token outlived the reset")
        return found

    def every_confirmation_was_mailed_and_closes_the_old_door_once(self) -> list[str]:
        """I4, at the source itself where that is the extranet."""
        found = []
        for row in self._links():
            if not row["accepted"] or not self.post.mails_to(row["email"]):
                found.append(f"I4: {_tie(row)} was confirmed without an accepted mail")
            if row["legacy_disable"] == "after_confirmation":
                found += self._old_door(row)
        return found + self._mails()

    def _mails(self) -> list[str]:
        """What a server has taken has arrived; a copy of the same mail is allowed."""
        return [
            f"I4: {row['recipient']}: {row['mails']} mails are accepted, and fewer have arrived"
            for row in self._rows(MAILS, emails=self._emails())
            if len({str(mail["Message-ID"]) for mail in self.post.mails_to(row["recipient"])}) < row["mails"]
        ]

    def _old_door(self, row: dict[str, Any]) -> list[str]:
        person = self.extranet.people.get(row["identifier"]) if row["identifier"].startswith("2") else None
        times = person.disablements if person else int(row["secret_hash"] is None)
        told = [] if times == 1 else [f"I4: {_tie(row)}: the old code was disabled {times} times at its source"]
        known = row["receipt"] or row["state"] == "ended"  # an account that was detached gets a new secret
        if row["disablements"] != 1 or not known or (row["account"] != "disabled" and row["state"] != "ended"):
            told.append(f"I4: {_tie(row)}: account {row['account']}, {row['disablements']} entries, {row['receipt']}")
        return told

    def the_ledger_is_whole(self) -> list[str]:
        """I5."""
        with self.application.app_context():
            return [f"I5: {fault}" for fault in audit.verify()]

    def nothing_is_disabled_without_a_link_and_nothing_retired_works(self) -> list[str]:
        """I6."""
        closed = [f"I6: {row} was never linked" for row in self._rows(CLOSED, slugs=list(self.houses))]
        tied = {(row["syndic"], row["identifier"]) for row in self._links()}
        early = [
            f"I6: {identifier} was disabled at the extranet without a link"
            for house in self.houses.values()
            for identifier in (account.identifier for account in house.accounts)
            if identifier.startswith("2") and self._disabled(identifier) and (house.slug, identifier) not in tied
        ]
        return closed + early + self._retired_that_work()

    def _disabled(self, identifier: str) -> bool:
        person = self.extranet.people.get(identifier)
        return person is not None and person.disablements > 0

    def _retired_that_work(self) -> list[str]:
        codes = {(slug, each.identifier): each for slug, house in self.houses.items() for each in house.accounts}
        found = []
        for row in [row for row in self._links() if row["account"] == "disabled" and row["state"] == "active"][:4]:
            account, house = codes[row["syndic"], row["identifier"]], self.houses[row["syndic"]]
            with httpx2.Client(timeout=30) as http, closing(Browser("127.99.1.1")) as browser:
                page = sign_in(RelyingParty(house, http=http).begin(browser), account.identifier, account.password)
            if "Cet identifiant ne peut plus être utilisé" not in page.alert:
                found.append(f"I6: the retired code of {_tie(row)} is answered by « {page.heading} » {page.alert}")
        return found

    def nothing_happened_that_nobody_asked_for(self) -> list[str]:
        """Links and effects at the extranet, each by its key."""
        asked = {_tie(act.facts) for act in self.history.of("associate")}
        ended = {_tie(act.facts) for act in self.history.of("detach")}
        strays = [
            f"nobody ended {_tie(row)}" for row in self._links() if row["state"] != "active" and _tie(row) not in ended
        ]
        links = [f"nobody asked for the link {_tie(row)}" for row in self._links() if _tie(row) not in asked]
        twice = [tie for tie, count in Counter(_tie(row) for row in self._links()).items() if count > 1]
        promised = {row["key"] for row in self._rows("SELECT key FROM outbox WHERE topic LIKE 'legacy.%%'")}
        strange = [f"nobody promised {call}" for call in self.extranet.calls if call[1] not in promised]
        return strays + links + [f"the link {tie} was made twice" for tie in twice] + strange

    def _links(self) -> Rows:
        return self._rows(LINKS, slugs=list(self.houses))

    def _emails(self) -> list[str]:
        return sorted({act.facts["email"] for act in self.history.acts if "email" in act.facts})

    def _rows(self, query: str, **values: Any) -> Rows:
        return self.sql.execute(query, values).fetchall()


def _tie(facts: dict[str, Any]) -> tuple[str, str, str]:
    return facts["email"], facts["syndic"], facts["identifier"]
