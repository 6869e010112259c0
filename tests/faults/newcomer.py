"""Whoever associates: does what the page in front of her says, and goes back to her extranet where none comes."""

import time
from collections.abc import Callable

from tests.browser import Arrived, Page
from tests.faults.visitor import Lost, Visitor
from tests.journeys.steps import sign_in

ACCEPTS = "J'ai lu et j'accepte les présentes conditions"


class Newcomer(Visitor):
    """From the printed code to « Ce compte est associé »."""

    def associate(self) -> None:
        """However often it takes."""
        self._until(self._associate_once)

    def begins(self) -> None:
        """Up to « Vous êtes maintenant connecté »: her extranet is open to her, whatever becomes of the mail."""
        self._until(self._begin_once)

    def _begin_once(self) -> bool:
        try:
            self._associate_once()
        except Lost:
            if not self.began:
                raise
        return self.began

    def _associate_once(self) -> bool:
        _, page = self._begin(self.browser, prompt="login")
        for _ in range(20):
            if self.associated or isinstance(page, Arrived):
                return self.associated
            page = self._good(self._goes_on(page))
        return False

    def _goes_on(self, page: Page) -> Page:
        """One page further: what the page in front of her says."""
        if "Cet identifiant ne peut plus être utilisé" in page.alert:
            self.associated = True  # an answer was lost, and it had happened
            return page
        if page.has("button", "Confirmer"):
            return self._confirms(page)
        steps: dict[str, Callable[[Page], Page]] = {
            "Mon compte immobilier": self._shows_the_code,
            "Votre accès à l'espace client évolue !": lambda page: page.submit("Étape suivante"),
            "Votre adresse e-mail": self._names_the_address,
            "Corrigez votre adresse e-mail": self._names_the_address,
            "Informations personnelles": lambda page: page.submit("Continuer", **{"Mot de passe": self.password}),
            "Conditions Générales d'Utilisation": lambda page: page.submit("Continuer", **{ACCEPTS: "on"}),
            "Vous êtes maintenant connecté": self._waits,
            "Confirmez votre adresse e-mail": self._shows_the_password,
            "Ce compte est associé": self._is_done,
        }
        step = steps.get(page.heading)
        if step is None:
            raise Lost(f"« {page.heading} » {page.alert or page.text[:200]}")
        return step(page)

    def _shows_the_code(self, page: Page) -> Page:
        if page.alert:
            raise Lost(f"« {page.heading} » {page.alert}")
        return sign_in(page, self.account.identifier, self.account.password)

    def _names_the_address(self, page: Page) -> Page:
        return page.submit("Continuer", **{"Adresse e-mail": self.email})

    def _shows_the_password(self, page: Page) -> Page:
        return page.submit("Connexion", **{"Adresse e-mail": self.email, "Mot de passe": self.password})

    def _is_done(self, page: Page) -> Page:
        self.associated = True
        return page

    def _waits(self, page: Page) -> Page:
        """She has come to B6: whatever becomes of the mail, her extranet is open now."""
        if not self.began:
            self.began = True
            self.history.ends(self.history.sends("begin", email=self.email), "acknowledged")
        return self._proves(page)

    def _proves(self, page: Page) -> Page:
        """Types the code of the newest mail that she has not tried, or opens its link on another device."""
        if "Votre adresse a été refusée" in page.text:
            return self._corrects(page)
        if self.by_link:
            link = self._fresh(lambda: self.post.links(self.email, "confirm"))
            return self.opens().get(link)
        code = self._fresh(lambda: self.post.codes(self.email))
        return page.submit("Valider", **{"Code reçu par e-mail": code})

    def _corrects(self, page: Page) -> Page:
        """Her address was refused: she gives another one."""
        self.email = "autre-" + self.email
        return page.follow("Corriger l'adresse")

    def _fresh(self, read: Callable[[], list[str]]) -> str:
        """What a mail brings; none yet: she looks at the page again."""
        deadline = min(self.ends_at, time.monotonic() + 2)
        while not (found := [each for each in read() if each not in self._tried]):
            if time.monotonic() > deadline:
                raise Lost("no mail yet")
            time.sleep(0.05)
        self._tried.add(found[-1])
        return found[-1]

    def _confirms(self, page: Page) -> Page:
        facts = {"email": self.email, "syndic": self.syndic.slug, "identifier": self.account.identifier}
        act = self.history.sends("associate", **facts, password=self.password)
        done = self._sent(act, lambda: page.submit("Confirmer"))
        if done.heading == "Ce compte est associé":
            self.associated = True
            self.history.ends(act, "acknowledged")
        else:
            self.history.ends(act, "refused", why=done.text[:200])
        return done
