"""Acts at the extranet's side: signing in with a printed code, and an attempt up to its mail (JOURNEYS B1 to B6)."""

from hypothesis import strategies as st

from tests.browser import Arrived, Page
from tests.security.attackers.acts import act
from tests.security.attackers.ground import Ground, choose, device, pick
from tests.security.attackers.people import Device, alerted
from tests.security.attackers.tokens import Grant
from tests.security.attackers.truth import LINK_LIFE, Attempt, House, Paper, Sitting

NAME, ADDRESS, PASSWORD = "Adresse e-mail ou identifiant", "Adresse e-mail", "Mot de passe"
STEPS = ("address", "profile", "terms")


class Beginning(Ground):
    """Rules of B1 to B6."""

    @act(2, number=device, account=pick)
    def sign_in_with_a_printed_code(self, number: int, account: int) -> None:
        """With a code that this one knows; it may have been retired, or replaced by a new one."""
        actor, where = self.at(number)
        paper = choose(list(actor.codes), account)
        assert paper is not None
        self.enter_code(where, paper, actor.codes[paper])

    @act(number=device, account=pick, times=st.sampled_from([1, 5]))
    def guess_printed_codes(self, number: int, account: int, times: int) -> None:
        """Wrong ones, for any account."""
        _, where = self.at(number)
        paper = choose(self.truth.papers, account)
        assert paper is not None
        for _ in range(times):
            self.enter_code(where, paper, "9999-9999")

    @act(number=device, address=pick, until=st.sampled_from(STEPS), house=st.integers(0, 1))
    def begin_or_correct_an_association(self, number: int, address: int, until: str, house: int) -> None:
        """From the address on, any of all, with one's own password, as far as `until`."""
        found = self.holding(number, lambda where: where.legacy(self.houses[house].slug))
        if found is not None:
            email = choose(self.addresses()[::-1], address) or ""
            self.walk(found[1], self.houses[house], email, found[0].passwords[0], until)

    @act(4, number=device, address=pick, account=pick)
    def associate_up_to_the_mail(self, number: int, address: int, account: int) -> None:
        """The whole way in one step, for an address of one's own or the victim's."""
        actor, where = self.at(number)
        paper = choose(list(actor.codes), account)
        assert paper is not None
        email = choose([*self.actors[0].mailboxes, *actor.mailboxes], address) or ""
        if actor.codes[paper] not in paper.retired and self.enter_code(where, paper, actor.codes[paper]):
            self.walk(where, paper.house, email, actor.passwords[0])

    @act(2, when=lambda self: self.letters("confirm"), number=pick, address=pick)
    def correct_the_address(self, number: int, address: int) -> None:
        """« Corriger l'adresse », to any of all."""
        found = self.with_attempt(number)
        if found is not None:
            actor, where, attempt = found
            self.walk(where, attempt.paper.house, choose(self.addresses(), address) or "", actor.passwords[0])

    @act(when=lambda self: self.letters("confirm"), number=pick)
    def ask_for_the_mail_again(self, number: int) -> None:
        """« Renvoyer le mail », at the right time or not."""
        found = self.with_attempt(number)
        if found is None:
            return
        _, where, attempt = found
        page = where.get(f"{self.syndic(attempt.paper.house).issuer}/association/waiting")
        if not page.has("button", "Renvoyer le mail"):
            return
        self.show(where, page.submit("Renvoyer le mail"))
        self.post_office(attempt)

    def enter_code(self, where: Device, paper: Paper, secret: str) -> bool:
        """Sign in with a printed code; whether that let this browser in."""
        syndic, slug = self.syndic(paper.house), paper.house.slug
        party, before, known = self.party(paper.house), where.cookie(f"legacy_{slug}"), where.may_be_known
        page = party.begin(where, prompt="login")
        page = self.show(where, page.submit("Connexion", **{NAME: paper.identifier, PASSWORD: secret}))
        name = f"{where.network} {slug} {paper.identifier}"
        if page.has("button", "Connexion"):
            right = secret == paper.secret and secret not in paper.retired
            assert not right or self.truth.may_be_locked(name), f"the right code was refused: {page.alert}"
            assert where.cookie(f"legacy_{slug}") == before, "a refused code leaves the browser as it was"
            self.truth.spoiled(name)
            self.met["retired code refused" if secret in paper.retired else "code refused"] += 1
            return False
        assert secret == paper.secret, f"{secret} is not the code of {paper.identifier} at {syndic.slug}"
        assert secret not in paper.retired, "a retired secret never signs in again (I6)"
        self.truth.signed_in(name, known=known)
        self.met["code taken"] += 1
        where.took(f"legacy_{slug}", before, Sitting(self.truth.now, paper=paper, epoch=paper.epoch))
        if page.has("a", "Plus tard"):
            self.arrived(where, paper.house, party, page.follow("Plus tard"))
        return True

    def arrived(self, where: Device, house: House, party: object, page: Page) -> Grant | None:
        """Keep the code, if the browser was sent to the extranet with one."""
        if not isinstance(page, Arrived) or "code" not in page.query:
            return None
        here = [sitting for sitting in (where.sitting, where.legacy(house.slug)) if sitting is not None]
        rests_on = [(sitting, sitting.epoch) for sitting in here]
        made = Grant(house, party, where, page.query["code"], self.truth.now, rests_on)  # type: ignore[arg-type]  # whoever has a code has a house
        people = [sitting.person for sitting in here if sitting.person is not None]
        made.ties = [tie for person in people for tie in self.truth.ties_of(person, house)]
        assert made.may_stand(self.truth), "a code came where nobody was signed in who may have one (I3)"
        self.grants.append(made)
        self.met["authorization code"] += 1
        if len(self.grants) % 2:
            self.redeem(made)
        return made

    def redeem(self, grant: Grant) -> None:
        """Redeem a code by its own client (`obtaining`)."""
        raise NotImplementedError

    def walk(self, where: Device, house: House, email: str, password: str, until: str = "terms") -> None:
        """B3 to B6 in a browser that is signed in with a printed code; an attempt that waits is corrected."""
        syndic = self.syndic(house)
        sitting = where.legacy(house.slug)
        assert sitting is not None
        attempt = where.resumable(house.slug)
        page = where.get(f"{syndic.issuer}/association/email")
        if alerted(page):
            assert sitting.paper is None or sitting.paper.retired, f"the address is asked for: {page.text[:300]}"
            return
        page = self.show(where, page.submit("Continuer", **{ADDRESS: email}))
        if alerted(page):  # too many mails, or nothing to correct any more
            return
        if attempt is not None:
            attempt.sitting = sitting
        if attempt is not None and attempt.state == "waiting":
            self._corrected(attempt, email)
            return
        attempt = attempt or self._new_attempt(where, house, sitting)
        attempt.email = email
        if until == "address":
            return
        page = self.show(where, page.submit("Continuer", **{PASSWORD: password}))
        assert page.heading == "Conditions Générales d'Utilisation", page.text[:400]
        attempt.password = password
        if until == "profile":
            return
        page = self.show(where, page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"}))
        if alerted(page):
            assert attempt.epoch != attempt.paper.epoch or attempt.paper.retired, page.text[:400]
            return
        attempt.state = "waiting"
        self.met["mail promised"] += 1
        self.post_office(attempt)

    def _new_attempt(self, where: Device, house: House, sitting: Sitting) -> Attempt:
        assert sitting.paper is not None
        attempt = Attempt(sitting.paper, sitting, sitting.epoch, self.truth.now, expires=self.truth.now + LINK_LIFE)
        self.truth.attempts.append(attempt)
        cookie = where.cookie(f"attempt_{house.slug}")
        assert cookie, "the browser that began is given what finds its attempt again"
        assert cookie not in self.truth.browsers, "each attempt is found by a cookie of its own"
        self.truth.browsers[cookie] = attempt
        return attempt

    def _corrected(self, attempt: Attempt, email: str) -> None:
        if attempt.email != email:
            attempt.generation, attempt.tries, attempt.email = attempt.generation + 1, 0, email
            self.met["address corrected"] += 1
        self.post_office(attempt)
