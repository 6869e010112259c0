"""Acts with a mail's link or code, up to « Confirmer » and « Ce n'est pas moi » (JOURNEYS B6 to B8)."""

from hypothesis import strategies as st

from tests.browser import Page
from tests.security.attackers.acts import act
from tests.security.attackers.beginning import ADDRESS, PASSWORD, Beginning
from tests.security.attackers.ground import choose, device, pick
from tests.security.attackers.people import Device, alerted, base
from tests.security.attackers.truth import CODE_LIFE, TRIES, Letter, Person, Proof, Sitting

CONFIRM, NOT_ME = "Confirmer", "Ce n'est pas moi"


class Proving(Beginning):
    """Rules of B6 to B8."""

    @act(when=lambda self: self.letters("confirm"), number=device, which=pick, address=pick, password=pick)
    def open_a_link(self, number: int, which: int, address: int, password: int) -> None:
        """Any link that was ever mailed, by anybody, with any address and a password that this one knows."""
        actor, where = self.at(number)
        letter = choose(self.letters("confirm"), which)
        if letter is None:
            return
        email = letter.to if address < 10 else choose(self.addresses(), address)
        self.enter_link(where, letter, email or "", choose([*actor.passwords, "jamais-celui-ci-non"], password) or "")

    @act(when=lambda self: self.letters("confirm"), number=device, which=pick)
    def guess_five_passwords(self, number: int, which: int) -> None:
        """Wrong ones, with the attempt's address: they void the attempt."""
        _, where = self.at(number)
        letter = choose(self.letters("confirm"), which)
        for _ in range(TRIES if letter else 0):
            assert letter is not None
            self.enter_link(where, letter, letter.to, "jamais-celui-ci-non")

    @act(
        4,
        when=lambda self: self.letters("confirm"),
        which=pick,
        browser=st.integers(0, 1),
        button=st.sampled_from(["", "", CONFIRM, CONFIRM, NOT_ME]),
    )
    def answer_ones_own_mail(self, which: int, browser: int, button: str) -> None:
        """What the owner of the mailbox does: link, own password, and perhaps an answer."""
        letter = choose([each for each in self.letters("confirm") if each.proves(self.truth.now)], which)
        actor = next((each for each in self.actors if letter and each.reads(letter.to)), None)
        if letter is None or actor is None:
            return
        where = choose(actor.devices, browser)
        assert where is not None
        person = self.truth.people.get(letter.to)
        password = person.password if person else actor.passwords[-1]
        if self.enter_link(where, letter, letter.to, password) and button:
            self.decide(where, button)

    @act(who=st.integers(0, 1), first=pick, second=pick)
    def confirm_two_attempts_at_once(self, who: int, first: int, second: int) -> None:
        """For one new address, in its owner's two browsers: the first makes an identity that the second knew not."""
        actor = self.actors[who]
        box = next((each for each in actor.mailboxes if each not in self.truth.people), None)
        papers = [choose(self.usable(actor), number) for number in (first, second)]
        tabs = []
        for where, paper in zip(actor.devices, papers, strict=True):
            if box and paper and self.enter_code(where, paper, actor.codes[paper]):
                self.walk(where, paper.house, box, actor.passwords[-1])
                attempt = where.attempt(paper.house.slug)
                letter = next((each for each in self.letters("confirm")[::-1] if each.attempt is attempt), None)
                if letter and self.enter_link(where, letter, box, actor.passwords[-1]):
                    tabs.append(where)
        for where in tabs:
            self.decide(where, CONFIRM)

    @act(3, when=lambda self: self.truth.people, who=pick, account=pick)
    def associate_one_more_account(self, who: int, account: int) -> None:
        """Whoever has an identity adds an account, perhaps at the other syndic, and confirms by the link."""
        person = choose(list(self.truth.people.values()), who)
        assert person is not None
        actor = next(each for each in self.actors if each.reads(person.email))
        where, paper = actor.devices[0], choose(self.usable(actor), account)
        if paper is None or not self.enter_code(where, paper, actor.codes[paper]):
            return
        self.walk(where, paper.house, person.email, person.password)
        attempt = where.attempt(paper.house.slug)
        letter = next((each for each in self.letters("confirm")[::-1] if each.attempt is attempt), None)
        if letter and self.enter_link(where, letter, person.email, person.password):
            self.decide(where, CONFIRM)

    @act(8, when=lambda self: self.letters("confirm"), number=pick, which=pick, own=st.booleans(), finish=st.booleans())
    def type_a_code(self, number: int, which: int, own: bool, finish: bool) -> None:
        """A mailed code in a browser's own attempt: that of its own mail, or any that was sent for another one."""
        found = self.with_attempt(number)
        if found is None:
            return
        actor, where, attempt = found
        mine = [each for each in self.letters("confirm") if each.attempt is attempt and actor.reads(each.to)]
        others = [each for each in self.letters("confirm") if each.attempt is not attempt]
        letter = choose(mine if own else others, which)
        page = where.get(f"{self.syndic(attempt.paper.house).issuer}/association/waiting")
        if letter is None or not page.has("button", "Valider"):
            return
        page = self.show(where, page.submit("Valider", **{"Code reçu par e-mail": letter.code}))
        proved = page.has("button", CONFIRM) or page.has("button", "Connexion")
        if proved:
            self._proved_by_code(where, letter, attempt, shown=page.has("button", CONFIRM))
        if page.has("button", "Connexion"):
            person = self.truth.people.get(attempt.email)
            known = person.password if person and actor.reads(person.email) else actor.passwords[0]
            page = self.show_password(where, attempt.email, known)
        if finish and page.has("button", CONFIRM):
            self.decide(where, CONFIRM)

    @act(when=lambda self: self.truth.proofs, number=device, address=pick, password=pick)
    def show_a_password_after_a_code(self, number: int, address: int, password: int) -> None:
        """B7's form in the attempt's browser, at any time."""
        actor, where = self.at(number)
        self.show_password(where, choose(self.addresses(), address) or "", choose(actor.passwords, password) or "")

    @act(4, when=lambda self: self.truth.proofs, number=device, button=st.sampled_from([CONFIRM, CONFIRM, NOT_ME]))
    def decide_now(self, number: int, button: str) -> None:
        """« Confirmer » or « Ce n'est pas moi », on whatever this browser has proved, however long ago."""
        found = self.holding(number, lambda where: where.proof and not where.proof.used)
        if found is not None:
            self.decide(found[1], button)

    def enter_link(self, where: Device, letter: Letter, email: str, password: str) -> bool:
        """Fill in B7; whether « Confirmer » came."""
        attempt, now = letter.attempt, self.truth.now
        assert attempt is not None
        page = self.show(where, where.get(letter.link))
        if not page.has("button", "Connexion"):
            assert not letter.proves(now), f"a living link opens its page: {page.text[:300]}"
            return False
        person = self.truth.people.get(attempt.email)
        right = email == attempt.email and password == (person.password if person else attempt.password)
        page = self.show(where, page.submit("Connexion", **{ADDRESS: email, PASSWORD: password}))
        if page.has("button", CONFIRM):
            assert letter.proves(now), "a link that is void, used or old leads to « Confirmer »"
            assert right, f"{email} with another's password leads to « Confirmer »"
            self._keep(
                where, Proof(attempt, attempt.generation, now, person, person.epoch if person else 0, True, "link")
            )
            return True
        self.met["link refused"] += 1
        assert not (right and letter.proves(now)), f"the right pair was refused: {page.text[:300]}"
        if email == attempt.email and letter.proves(now):
            attempt.tries += 1
            if attempt.tries >= TRIES:
                attempt.end()
        return False

    def show_password(self, where: Device, email: str, password: str) -> Page:
        """Fill in the form that follows a code."""
        proof, page = where.proof, where.get(f"{base()}/confirm/password")
        if not page.has("button", "Connexion"):
            return page
        assert proof is not None, "a browser that has proved nothing is asked for no password"
        assert proof.generation == proof.attempt.generation, "what was proved for another address is void"
        attempt, person = proof.attempt, self.truth.people.get(proof.attempt.email)
        right = email == attempt.email and password == (person.password if person else attempt.password)
        page = self.show(where, page.submit("Connexion", **{ADDRESS: email, PASSWORD: password}))
        if page.has("button", CONFIRM):
            assert right, "a password that is not the one leads to « Confirmer »"
            proof.person, proof.epoch, proof.shown = person, person.epoch if person else 0, True
        elif email == attempt.email and not right:
            attempt.tries += 1
            if attempt.tries >= TRIES:
                attempt.end()
        return page

    def decide(self, where: Device, button: str) -> None:
        """Press a button of B8, if it comes."""
        proof, now, before = where.proof, self.truth.now, where.cookie("session")
        page = where.get(f"{base()}/confirm/review")
        if not page.has("button", button):
            assert proof is None or not self._must(proof), f"« Confirmer » was promised: {page.text[:300]}"
            return
        assert proof is not None, "a browser that has proved nothing is asked nothing"
        person, attempt = self.truth.people.get(proof.attempt.email), proof.attempt
        allowed = proof.allows(now, person)
        page = self.show(where, page.submit(button))
        if button == NOT_ME:
            if not alerted(page):
                assert attempt.waits(now), "what has ended cannot be contested on the spot"
                attempt.end()
                self.met["not me"] += 1
            return
        if page.heading == "Ce compte est associé":
            assert allowed, f"a link without both proofs (I2): {proof}"
            assert self.truth.may_tie(person, attempt.paper), "syndics that are no partners, or the same link twice"
            self._confirmed(where, proof, before)
        else:
            self.met["confirmation refused"] += 1
            if allowed and person and any(tie.paper is attempt.paper for tie in self.truth.ties_of(person)):
                attempt.end()  # what is tied already needs no attempt
            assert not (allowed and self.truth.may_tie(person, attempt.paper)), f"refused: {page.text[:300]}"

    def _confirmed(self, where: Device, proof: Proof, before: str) -> None:
        was = self.truth.sittings.get(before)
        tie = self.truth.confirmed(proof)
        self.met[f"confirmed by {proof.means}"] += 1
        again = was is not None and was.person is tie.person and was.lives(self.truth.now)
        fresh = was if again and was else Sitting(self.truth.now, person=tie.person, epoch=tie.person.epoch)
        where.took("session", before, fresh)
        self.post_office()

    def _must(self, proof: Proof) -> bool:
        """Whether this proof must be good for something, whatever else happened."""
        person: Person | None = self.truth.people.get(proof.attempt.email)
        return proof.allows(self.truth.now, person)

    def _proved_by_code(self, where: Device, letter: Letter, attempt: object, *, shown: bool) -> None:
        assert letter.attempt is attempt, "a code is good in the browser of its own attempt only"
        assert letter.attempt is not None
        assert letter.generation == letter.attempt.generation, "the code of a void mail proves nothing"
        assert letter.attempt.waits(self.truth.now), "an attempt that waits no more takes no code"
        assert self.truth.now < letter.sent + CODE_LIFE, "a code lives for a day"
        assert shown == (letter.to not in self.truth.people), "an existing identity's own password is asked for"
        self._keep(where, Proof(letter.attempt, letter.generation, self.truth.now, None, 0, shown, "code"))

    def _keep(self, where: Device, proof: Proof) -> None:
        cookie = where.cookie("proof")
        assert cookie, "a proof is kept by the browser that gave it"
        self.truth.proofs[cookie] = proof
