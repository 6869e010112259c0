"""Acts with codes, tokens and client keys: one's own, somebody else's, and a key that leaked."""

from hypothesis import strategies as st

from tests.broker.oidc.owners import said
from tests.browser import Arrived
from tests.relying_party import RelyingParty
from tests.security.attackers.acts import act
from tests.security.attackers.ground import choose, device, pick
from tests.security.attackers.recovering import Recovering
from tests.security.attackers.tokens import CODE_S, Grant

OFFLINE = "openid profile email accounts offline_access"


class Obtaining(Recovering):
    """Rules of the protocol's side."""

    @act(3, number=device, house=st.integers(0, 1))
    def come_back_silently(self, number: int, house: int) -> None:
        """The extranet asks without a page (`prompt=none`)."""
        _, where = self.holding(number, lambda each: each.sitting) or self.at(number)
        party = self.party(self.houses[house])
        page = self.show(where, party.begin(where, prompt="none", scope=OFFLINE))
        grant = self.arrived(where, self.houses[house], party, page)
        if grant is None:
            assert isinstance(page, Arrived), f"a silent request is answered at once: {page.text[:300]}"

    @act(2, when=lambda self: self.grants, which=pick)
    def redeem_a_code(self, which: int) -> None:
        """By the client that it was made for; perhaps late, perhaps twice."""
        grant = choose(self.grants, which)
        if grant is not None:
            self.redeem(grant)

    @act(2, when=lambda self: any(grant.refresh for grant in self.grants), which=pick)
    def refresh_tokens(self, which: int) -> None:
        """By their own client."""
        grant = choose([each for each in self.grants if each.refresh], which)
        if grant is None:
            return
        answer = grant.party.refresh(grant.refresh)
        if answer.status_code == 200:
            assert grant.may_stand(self.truth), "tokens are refreshed for a sign-in that has ended (I3)"
            self.met["refreshed"] += 1
            body = answer.json()
            grant.access, grant.refresh, grant.given = body["access_token"], body["refresh_token"], self.truth.now

    @act(
        when=lambda self: self.grants,
        which=pick,
        house=st.integers(0, 1),
        means=st.sampled_from(["code", "verifier", "redirect"]),
    )
    def use_a_leaked_key_on_a_code(self, which: int, house: int, means: str) -> None:
        """A's key has leaked and B's is the attacker's own: with either, somebody else's code is worth nothing."""
        grant = choose(self.grants, which)
        if grant is None:
            return
        thief: RelyingParty = self.party(self.houses[house])
        changes = {"code_verifier": ""} if means == "code" else {}
        if means == "redirect":
            changes = {"redirect_uri": "http://127.0.0.1:9998/callback", "code_verifier": grant.party.verifier}
        if means == "verifier" and self.houses[house] is not grant.house:
            changes = {"code_verifier": grant.party.verifier}
        answer = thief.redeem(grant.code, None, **changes)
        assert answer.status_code == 400, f"a code was redeemed by who did not ask for it: {answer.text}"
        grant.spoiled = True

    @act(when=lambda self: any(grant.access for grant in self.grants), which=pick, house=st.integers(0, 1))
    def use_a_leaked_key_on_tokens(self, which: int, house: int) -> None:
        """Refreshing, introspecting and revoking what another client was given."""
        grant = choose([each for each in self.grants if each.access], which)
        if grant is None or self.houses[house] is grant.house:
            return
        thief = self.party(self.houses[house])
        for token in filter(None, (grant.access, grant.refresh)):
            assert thief.introspect(token) == {"active": False}, "another issuer's token tells nothing"
            assert thief.refresh(token).status_code == 400, "another client's token refreshes nothing"
            thief.revoke(token)
        assert thief.userinfo(grant.access).status_code == 401, "a token opens its own issuer's userinfo only"

    @act(number=device, house=st.integers(0, 1))
    def push_a_request_with_a_leaked_key(self, number: int, house: int) -> None:
        """A pushed request leads to registered addresses only, whoever pushed it, and whoever opens it."""
        _, where = self.at(number)
        party = self.party(self.houses[house])
        assert party.push(redirect_uri="https://hostile.example/callback").status_code == 400
        page = self.show(where, where.get(party.pushed(prompt="none")))
        self.arrived(where, self.houses[house], party, page)

    def redeem(self, grant: Grant) -> None:
        """Redeem a code by its own client, and check what its tokens tell."""
        allowed = not grant.spent and self.truth.now < grant.issued + CODE_S and grant.may_stand(self.truth)
        must, answer = grant.must_redeem(self.truth), grant.party.redeem(grant.code)
        if answer.status_code != 200:
            assert not must, f"a fresh code of a living sign-in was refused: {answer.text}"
            grant.revoked = grant.revoked or grant.spent
            return
        assert allowed, f"a code was redeemed twice, late, or for a sign-in that has ended (I3): {grant}"
        body = answer.json()
        self.met["redeemed"] += 1
        grant.spent, grant.given = True, self.truth.now
        grant.access, grant.refresh = body["access_token"], body.get("refresh_token", "")
        grant.legacy = said(body["id_token"])["acr"] == "legacy"
        self.look(grant)
        assert grant.identifier, "fresh tokens of a living sign-in open userinfo"

    def look(self, grant: Grant) -> None:
        """Ask userinfo with its access token: what it tells must be allowed at this very instant."""
        told = grant.party.userinfo(grant.access)
        if told.status_code != 200:
            assert told.status_code == 401, told.text
            self.met["token refused"] += 1
            return
        claims = told.json()
        if not grant.identifier:
            grant.identifier = claims["account"]["identifier"]
        assert grant.may_open(self.truth), f"userinfo for an account that is not allowed (I3): {grant}"
        assert claims["account"]["identifier"] == grant.identifier, "a token speaks of one account"
        self._others(grant, [each["identifier"] for each in claims["accounts"]])

    def _others(self, grant: Grant, told: list[str]) -> None:
        people = [sitting.person for sitting, _ in grant.sittings if sitting.person and sitting.lives(self.truth.now)]
        mine = {tie.paper.identifier for person in people for tie in self.truth.ties_of(person, grant.house)}
        assert set(told) <= mine | {grant.identifier}, f"accounts of somebody else: {told}"
