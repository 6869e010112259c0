"""Acts in « Mon compte »: another password, another address, « Déconnecter partout » (JOURNEYS part D)."""

from tests.browser import Page
from tests.security.attackers.acts import act
from tests.security.attackers.beginning import PASSWORD
from tests.security.attackers.contesting import Contesting
from tests.security.attackers.ground import choose, device, pick
from tests.security.attackers.people import Actor, Device, base
from tests.security.attackers.recovering import NEW
from tests.security.attackers.truth import Person

AGAIN = "Saisissez votre mot de passe"


class Keeping(Contesting):
    """Rules of part D. Whoever has a person's password and session may do what the person may: until a reset."""

    @act(2, when=lambda self: self.truth.people, number=device)
    def disconnect_everywhere(self, number: int) -> None:
        """« Déconnecter partout »."""
        found = self._inside(number)
        if found is None:
            return
        _, where, person = found
        page = where.get(f"{base()}/account/devices")
        if page.has("button", "Déconnecter partout"):
            self.show(where, page.submit("Déconnecter partout"))
            person.epoch += 1
            self.met["disconnected everywhere"] += 1

    @act(when=lambda self: self.truth.people, number=device, known=pick)
    def change_the_password(self, number: int, known: int) -> None:
        """With a password that this one knows."""
        found = self._inside(number)
        if found is None:
            return
        actor, where, person = found
        before, page = where.cookie("session"), self._again(actor, where, person, "/account/password", known)
        if not page.has("button", "Enregistrer"):
            return
        chosen = NEW.format(number=len(actor.passwords) + self.met["steps"])
        page = self.show(where, page.submit("Enregistrer", **{"Nouveau mot de passe": chosen}))
        assert page.heading == "Votre mot de passe est changé", page.text[:300]
        sitting = where.sitting or self.truth.sittings[before]
        self.changed_password(actor, person, chosen)
        sitting.epoch = person.epoch
        where.took("session", before, sitting)
        self.met["password changed"] += 1

    @act(2, when=lambda self: self.truth.people, number=device, known=pick, address=pick)
    def change_the_address(self, number: int, known: int, address: int) -> None:
        """To one of one's own mailboxes, by the code."""
        found = self._inside(number)
        if found is None:
            return
        actor, where, person = found
        free = [box for box in actor.mailboxes if box not in self.truth.people]
        new, page = choose(free, address), self._again(actor, where, person, "/account/address", known)
        if new is None or not page.has("button", "Continuer") or page.heading == AGAIN:
            return
        page = self.show(where, page.submit("Continuer", **{"Nouvelle adresse e-mail": new}))
        self.post_office()
        letter = next((each for each in reversed(self.letters("account")) if each.to == new), None)
        if letter is None or not page.has("button", "Valider"):
            return
        sitting, before = where.sitting, where.cookie("session")
        page = self.show(where, page.submit("Valider", **{"Code reçu par e-mail": letter.code}))
        assert page.heading == "Votre adresse e-mail a changé", page.text[:300]
        assert sitting is not None
        del self.truth.people[person.email]
        person.email, person.epoch = new, person.epoch + 1
        self.truth.people[new], sitting.epoch = person, person.epoch
        where.took("session", before, sitting)
        self.met["address changed"] += 1
        self.post_office()

    def _inside(self, number: int) -> tuple[Actor, Device, Person] | None:
        """A browser that is signed in by e-mail, and as whom."""
        found = self.holding(number, lambda where: where.sitting)
        if found is None or found[1].sitting is None or found[1].sitting.person is None:
            return None
        return (*found, found[1].sitting.person)

    def _again(self, actor: Actor, where: Device, person: Person, path: str, known: int) -> Page:
        """Open a page, and type the password again where it asks."""
        page = where.get(base() + path)
        if page.heading != AGAIN:
            return page
        own = person.password if actor.reads(person.email) and known < 10 else choose(actor.passwords, known) or ""
        before, sitting = where.cookie("session"), where.sitting
        page = self.show(where, page.submit("Continuer", **{PASSWORD: own}))
        passed = page.heading != AGAIN and page.status < 400
        assert not passed or own == person.password, "another's password opens what only the person may change"
        if passed and sitting is not None:
            self.truth.signed_in(person.email, known=where.may_be_known)
            where.took("session", before, sitting)
        else:
            self.truth.spoiled(person.email)
        return page
