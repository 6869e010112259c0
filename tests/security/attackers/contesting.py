"""Acts around an account: « Ce n'est pas moi » by the known address, new codes, an extranet that begins (B13, B14)."""

from hypothesis import strategies as st

from config import clock
from tests.security.attackers.acts import act
from tests.security.attackers.beginning import PASSWORD
from tests.security.attackers.ground import choose, device, pick
from tests.security.attackers.obtaining import Obtaining
from tests.security.attackers.people import Actor, Device
from tests.security.attackers.proving import NOT_ME
from tests.security.attackers.truth import TRIES, Letter, Paper, Sitting

FRESH_S, TICKET_S, BEGIN = 300, 60, "Associer ce compte"


class Contesting(Obtaining):
    """Rules of B13 and B14."""

    @act(6, when=lambda self: self.letters("contest"), which=pick, browser=st.integers(0, 1))
    def contest_by_the_known_address(self, which: int, browser: int) -> None:
        """Whoever reads that mailbox says « Ce n'est pas moi », in time or too late."""
        letter = choose(self.letters("contest"), which)
        assert letter is not None
        actor = next(each for each in self.actors if each.reads(letter.to))
        where = choose(actor.devices, browser)
        assert where is not None
        self.contest(where, letter, letter.code)

    @act(when=lambda self: self.letters("contest"), number=device, which=pick, times=st.sampled_from([1, TRIES]))
    def contest_without_the_code(self, number: int, which: int, times: int) -> None:
        """Anybody, with the link alone, and whatever code was mailed for something else."""
        _, where = self.at(number)
        letter = choose(self.letters("contest"), which)
        others = [each.code for each in self.truth.letters if letter and each.code not in {"", letter.code}]
        for _ in range(times if letter else 0):
            assert letter is not None
            self.contest(where, letter, choose(others, which) or "12345678")

    @act(2, when=lambda self: any(tie.state == "suspended" for tie in self.truth.ties), which=pick)
    def the_syndic_issues_a_new_code(self, which: int) -> None:
        """By post, to the holder whom it knows: the former code stays dead."""
        held = [tie.paper for tie in self.truth.ties if tie.state == "active"]
        wanted = [tie.paper for tie in self.truth.ties if tie.state == "suspended" and tie.paper not in held]
        paper = choose(wanted, which)
        if paper is None or paper.secret not in paper.retired:
            return  # an export brings no code to an account that somebody opens by e-mail
        syndic = self.syndic(paper.house)
        account = next(each for each in syndic.accounts if each.identifier == paper.identifier)
        account.password = f"nouveau-{len(paper.retired)}-{syndic.slug}"
        self.world.import_accounts(syndic)
        paper.secret, paper.epoch = account.password, paper.epoch + 1
        for actor in self.actors:
            if actor.reads(paper.known_email):
                actor.codes[paper] = paper.secret
        self.met["new code"] += 1

    @act(number=device, account=pick, ago=st.sampled_from([0, 2 * FRESH_S]), late=st.booleans())
    def begin_by_the_extranet(self, number: int, account: int, ago: int, late: bool) -> None:
        """A server with the syndic's key vouches for somebody: the extranet itself, or whoever holds a leaked key."""
        actor, where = self.at(number)
        paper = choose(self.truth.papers, account)
        assert paper is not None
        syndic = self.syndic(paper.house)
        values = {"identifier": paper.identifier, "auth_time": str(int(clock.now().timestamp()) - ago)}
        login = (syndic.client_id, syndic.client_secret)
        answer = self.bare.post(f"{syndic.issuer}/associations", data=values, auth=login)
        if answer.status_code != 201:
            assert paper.retired, f"the extranet begins for a living account: {answer.text}"
            return
        if late:
            self.time_passes(TICKET_S + 1)  # type: ignore[attr-defined]  # an act of a later class
        address = f"{syndic.issuer}/associate?request_uri={answer.json()['request_uri']}"
        self._announced(actor, where, address, paper, late=late, asked=ago > 0)

    def _announced(self, actor: Actor, where: Device, address: str, paper: Paper, *, late: bool, asked: bool) -> None:
        slug, before = paper.house.slug, where.cookie(f"legacy_{paper.house.slug}")
        page = self.show(where, where.get(address))
        if not page.has("button", BEGIN):
            assert late, f"a fresh address opens its page: {page.text[:300]}"
            return
        assert not late, "an address of a minute ago is over"
        known = actor.codes.get(paper, "9999-9999")
        page = self.show(where, page.submit(BEGIN, **({PASSWORD: known} if asked else {})))
        if where.cookie(f"legacy_{slug}") == before:
            right = known == paper.secret or not asked
            name = f"{where.network} {slug} {paper.identifier}"
            self.truth.spoiled(name)
            assert not right or paper.secret in paper.retired or self.truth.may_be_locked(name), page.text[:300]
            return
        assert known == paper.secret or not asked, "an old authentication asks for the code again"
        assert paper.secret not in paper.retired, "what is retired is vouched for by nobody (I6)"
        where.took(f"legacy_{slug}", before, Sitting(self.truth.now, paper=paper, epoch=paper.epoch))
        self.met["begun by the extranet"] += 1
        again = self.show(where, where.get(address))
        assert not again.has("button", BEGIN), "an address is used once"

    def contest(self, where: Device, letter: Letter, code: str) -> None:
        """Open the link, type a code, and press the button if it comes."""
        tie, now = letter.tie, self.truth.now
        assert tie is not None
        page = self.show(where, where.get(letter.link))
        if not page.has("button", "Continuer"):
            assert not letter.contests(now), f"a living link opens its page: {page.text[:300]}"
            return
        page = self.show(where, page.submit("Continuer", **{"Code reçu par e-mail": code}))
        if not page.has("button", NOT_ME):
            letter.tries += code != letter.code
            assert code != letter.code or letter.tries >= TRIES, f"the right code was refused: {page.text[:300]}"
            return
        assert code == letter.code, "the code of that very mail is asked for"
        assert letter.contests(now), "what is over cannot be contested"
        page = self.show(where, page.submit(NOT_ME))
        assert page.heading == "L'accès est suspendu", page.text[:300]
        self.truth.suspended(tie)
        self.met["contested"] += 1
        self.post_office()
