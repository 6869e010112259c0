"""Acts with e-mail and password: signing in, leaving, and « Mot de passe oublié ? » (JOURNEYS A2 to A10)."""

from hypothesis import strategies as st

from tests.security.attackers.acts import act
from tests.security.attackers.beginning import ADDRESS, NAME, PASSWORD
from tests.security.attackers.ground import choose, device, pick
from tests.security.attackers.people import Actor, Device, alerted, base
from tests.security.attackers.proving import Proving
from tests.security.attackers.truth import House, Letter, Person, Sitting

NEW = "prairie-{number}-scie-colombe-armoire"


class Recovering(Proving):
    """Rules of A2 to A10."""

    @act(when=lambda self: self.truth.people, number=device, address=pick, password=pick, place=st.integers(0, 2))
    def sign_in_by_email(self, number: int, address: int, password: int, place: int) -> None:
        """With any address and any password that this one knows, at a syndic or at the portal."""
        actor, where = self.at(number)
        email = choose(self.addresses()[::-1], address) or ""
        self.enter(where, email, choose(actor.passwords, password) or "", self.houses[place] if place < 2 else None)

    @act(3, when=lambda self: self.truth.people, who=pick, browser=st.integers(0, 1), place=st.integers(0, 2))
    def sign_in_as_oneself(self, who: int, browser: int, place: int) -> None:
        """With one's own address and password."""
        person = choose(list(self.truth.people.values()), who)
        assert person is not None
        actor = next(each for each in self.actors if each.reads(person.email))
        where = choose(actor.devices, browser)
        assert where is not None
        self.enter(where, person.email, person.password, self.houses[place] if place < 2 else None)

    @act(number=device, address=pick, times=st.sampled_from([1, 5]))
    def guess_passwords(self, number: int, address: int, times: int) -> None:
        """Wrong ones: they lock whoever bears the name out of new sign-ins, and of nothing else."""
        _, where = self.at(number)
        for _ in range(times):
            self.enter(where, choose(self.addresses(), address) or "", "jamais-celui-ci-non", None)

    @act(when=lambda self: self.truth.people, who=pick)
    def a_password_leaks(self, who: int) -> None:
        """The finder learns somebody's present password: until it is changed, that is the owner's own way in."""
        person = choose(list(self.truth.people.values()), who)
        assert person is not None
        self.actors[1].passwords.append(person.password)

    @act(when=lambda self: self.truth.people, number=device)
    def log_out(self, number: int) -> None:
        """« Se déconnecter » at the portal."""
        _, where = self.holding(number, lambda each: each.sitting) or self.at(number)
        sitting, page = where.sitting, where.get(f"{base()}/account/accounts")
        buttons = [name for name in ("Se déconnecter", "Déconnexion") if page.has("button", name)]
        if buttons:
            self.show(where, page.submit(buttons[0]))
            assert sitting is not None, "who is signed in here was never let in"
            sitting.ended = True
            self.met["logged out"] += 1

    @act(2, number=device, address=pick, known=st.booleans())
    def ask_for_a_reset(self, number: int, address: int, known: bool) -> None:
        """For any address, mostly one that somebody signs in with: the answer is the same."""
        _, where = self.at(number)
        email = choose(list(self.truth.people) if known and self.truth.people else self.addresses(), address)
        page = where.get(f"{base()}/forgotten")
        page = self.show(where, page.submit("Envoyer le lien", **{ADDRESS: email or ""}))
        assert not alerted(page), page.text[:300]
        self.post_office()

    @act(when=lambda self: self.letters("reset"), number=device, which=pick)
    def use_somebody_elses_reset(self, number: int, which: int) -> None:
        """That should be dead; or one that lives, with an address that is not its own."""
        actor, where = self.at(number)
        letter = choose([each for each in self.letters("reset") if not actor.reads(each.to)], which)
        if letter is not None:
            living = letter.resets(self.truth.now)
            self.reset(actor, where, letter, actor.mailboxes[0] if living else letter.to)

    @act(4, when=lambda self: self.letters("reset"), which=pick, browser=st.integers(0, 1))
    def use_ones_own_reset(self, which: int, browser: int) -> None:
        """The owner's own mail, perhaps too late or twice."""
        letter = choose(self.letters("reset"), which)
        assert letter is not None
        actor = next(each for each in self.actors if each.reads(letter.to))
        where = choose(actor.devices, browser)
        assert where is not None
        self.reset(actor, where, letter, letter.to)

    def enter(self, where: Device, email: str, password: str, house: House | None) -> bool:
        """Sign in by e-mail; whether that let this browser in."""
        before, was, known = where.cookie("session"), where.sitting, where.may_be_known
        party = self.party(house) if house else None
        page = party.begin(where, prompt="login") if party else where.get(f"{base()}/login")
        page = self.show(where, page.submit("Connexion", **{NAME: email, PASSWORD: password}))
        person = self.truth.people.get(email)
        right = person is not None and person.password == password
        if page.has("button", "Connexion"):
            assert not right or self.truth.may_be_locked(email), f"the right pair was refused: {page.alert}"
            assert where.cookie("session") == before, "a refused pair leaves the browser as it was"
            self.truth.spoiled(email)
            return False
        assert right, f"{email} is let in by a password that is not its own"
        assert person is not None
        self.truth.signed_in(email, known=known)
        self.met["signed in by e-mail"] += 1
        again = was is not None and was.person is person
        where.took("session", before, was if again and was else self._begun(person))
        if party and house:
            self.arrived(where, house, party, page)
        return True

    def reset(self, actor: Actor, where: Device, letter: Letter, email: str) -> None:
        """Choose a new password by a mail's link."""
        page, living = self.show(where, where.get(letter.link)), letter.resets(self.truth.now)
        if not page.has("button", "Enregistrer"):
            assert not living, f"a living link opens its page: {page.text[:300]}"
            return
        assert living, "a used, old or overtaken link opens nothing"
        chosen = NEW.format(number=len(self.truth.letters) + len(actor.passwords))
        page = self.show(where, page.submit("Enregistrer", **{ADDRESS: email, "Nouveau mot de passe": chosen}))
        assert alerted(page) == (email != letter.to), f"the address of the mail is asked for: {page.text[:300]}"
        if email == letter.to:
            assert letter.person is not None
            letter.used = True
            self.met["password reset"] += 1
            self.changed_password(actor, letter.person, chosen)
            self.truth.wrong.pop(email, None)
        self.post_office()

    def changed_password(self, actor: Actor, person: Person, chosen: str) -> None:
        """It was acknowledged: everything that rests on the older one is dead (SECURITY R2)."""
        person.password, person.epoch = chosen, person.epoch + 1
        actor.passwords.insert(0, chosen)

    def _begun(self, person: Person) -> Sitting:
        return Sitting(self.truth.now, person=person, epoch=person.epoch)
