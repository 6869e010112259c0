"""An owner at a browser: associates, signs in, comes back, and starts again wherever the service let go of her.

She does what the page in front of her says, and presses « reload » or goes back to her extranet where none comes.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.broker.oidc.owners import OFFLINE
from tests.browser import Arrived, Browser, Page
from tests.faults.history import Act, History
from tests.faults.post import Post
from tests.journeys.steps import sign_in
from tests.relying_party import RelyingParty
from tests.world import Account, TestSyndic

PAUSE_S = 0.25
"""Before she tries again."""
FIRST, SECOND = "corbeau-lampe-tracteur-violon", "nuage-girafe-bouton-soleil"
"""Passwords; each owner's own number follows."""
ACCEPTS = "J'ai lu et j'accepte les présentes conditions"
WRONG = "pas-le-bon-mot-de-passe"
_numbers = itertools.count(1)


class Lost(Exception):  # noqa: N818 - what became of it is unknown, and that is no error of ours
    """No answer came, or one that says that the service cannot answer now."""


class Away(Exception):  # noqa: N818 - the day is over
    """She has no more time."""


@dataclass
class Owner:
    """One person with one account. `by_link`: she confirms on another device, by the mail's link."""

    syndic: TestSyndic
    account: Account
    email: str
    post: Post
    history: History
    by_link: bool = False
    ends_at: float = float("inf")
    began: bool = False
    associated: bool = False
    refused_mail: bool = False
    offline: str | None = None
    """The refresh token that she last got."""
    _tried: set[str] = field(default_factory=set)
    _down_since: float | None = None

    def __post_init__(self) -> None:
        """Each owner calls from a network of her own."""
        self.number = number = next(_numbers)
        self.password = f"{FIRST}-{number}"
        self.address = f"127.{1 + number // 250 % 250}.{number % 250}.1"
        self.extranet = httpx2.Client(timeout=30)
        """What her extranet calls the service with."""
        self._open: list[Browser] = []
        self.browser = self.opens()

    def opens(self) -> Browser:
        """One more browser of hers; all are closed when her day is over."""
        self._open.append(Browser(self.address))
        return self._open[-1]

    def closes(self) -> None:
        """Close all that is open."""
        self.extranet.close()
        for browser in self._open:
            browser.close()

    # What she wants.

    def associate(self) -> None:
        """From the printed code to « Ce compte est associé », however often it takes."""
        self._until(self._associate_once)

    def signs_in(self) -> None:
        """At the extranet, with e-mail and password, in a new browser."""
        self._until(self._sign_in_once)

    def mistypes(self) -> None:
        """A wrong password must let nobody in."""
        self._until(self._mistype_once)

    def resets(self) -> None:
        """« Mot de passe oublié ? », up to the new password."""
        self._until(lambda: self._reset_once(f"{SECOND}-{self.number}"))

    def refreshes(self) -> None:
        """Her extranet uses its refresh token; an answer that was lost means signing in again."""
        self._until(self._refresh_once)

    def _until(self, attempt: Callable[[], bool]) -> None:
        while True:
            if time.monotonic() > self.ends_at:
                raise Away
            try:
                if attempt():
                    return
            except (Lost, httpx2.TransportError) as lost:
                self._missed(lost)
            time.sleep(PAUSE_S)

    # The steps.

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
        self.refused_mail = True
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

    def _sign_in_once(self) -> bool:
        browser = self.opens()
        party, page = self._begin(browser, scope=OFFLINE)
        act = self.history.sends("sign-in", email=self.email, password=self.password)
        page = self._sent(act, lambda: sign_in(page, self.email, self.password))
        if not isinstance(page, Arrived):
            self.history.ends(act, "refused", why=page.alert or page.text[:200])
            raise Lost(f"« {page.heading} » {page.alert}")
        answer = self._told(act, lambda: party.redeem(party.code(page)))
        if answer.status_code != 200:
            self.history.ends(act, "refused", why=answer.text[:200])
            return False
        body = answer.json()
        told = self._told(act, lambda: party.userinfo(body["access_token"]))
        if told.status_code != 200:
            self.history.ends(act, "refused", why=told.text[:200])
            return False
        self.offline = body.get("refresh_token")
        self.history.ends(act, "acknowledged", **_who(told.json()), syndic=self.syndic.slug)
        return True

    def _mistype_once(self) -> bool:
        _, page = self._begin(self.opens())
        act = self.history.sends("mistype", email=self.email)
        page = self._sent(act, lambda: sign_in(page, self.email, WRONG))
        self.history.ends(act, "acknowledged" if isinstance(page, Arrived) else "refused")
        return True

    def _reset_once(self, password: str) -> bool:
        browser = self.opens()
        page = self._good(browser.get(f"{self.syndic.issuer.partition('/t/')[0]}/forgotten"))
        page = self._good(page.submit("Envoyer le lien", **{"Adresse e-mail": self.email}))
        page = self._good(browser.get(self._fresh(lambda: self.post.links(self.email, "reset"))))
        act = self.history.sends("reset", email=self.email, password=password, offline=self.offline)
        fields = {"Adresse e-mail": self.email, "Nouveau mot de passe": password}
        page = self._sent(act, lambda: page.submit("Enregistrer", **fields))
        if page.heading != "Votre nouveau mot de passe est enregistré":
            self.history.ends(act, "refused", why=page.text[:200])
            return False
        self.history.ends(act, "acknowledged")
        self.password = password
        return True

    def _refresh_once(self) -> bool:
        if self.offline is None:
            return self._sign_in_once()
        party, token, self.offline = RelyingParty(self.syndic, http=self.extranet), self.offline, None
        act = self.history.sends("refresh", email=self.email)
        answer = self._told(act, lambda: party.refresh(token))
        if answer.status_code != 200:
            self.history.ends(act, "refused", why=answer.text[:200])
            return False
        self.offline = answer.json()["refresh_token"]
        told = self._told(act, lambda: party.userinfo(answer.json()["access_token"]))
        good = told.status_code == 200
        self.history.ends(act, "acknowledged" if good else "refused", **(_who(told.json()) if good else {}))
        return True

    # What she meets.

    def _begin(self, browser: Browser, **extra: str) -> tuple[RelyingParty, Page]:
        try:
            party = RelyingParty(self.syndic, http=self.extranet)
        except (ValueError, KeyError) as broken:  # an error page where metadata were asked for
            raise Lost("no metadata") from broken
        return party, self._good(party.begin(browser, **extra))

    def _sent(self, act: Act, submit: Callable[[], Page]) -> Page:
        """An act is sent: no answer, or a 5xx, leaves it unknown."""
        try:
            return self._good(submit())
        except (Lost, httpx2.TransportError):
            self.history.ends(act, "unknown")
            raise

    def _told(self, act: Act, ask: Callable[[], httpx2.Response]) -> httpx2.Response:
        """The same for an extranet's own calls."""
        try:
            answer = ask()
        except httpx2.TransportError:
            self.history.ends(act, "unknown")
            raise
        if answer.status_code >= 500:
            self.history.ends(act, "unknown")
            raise Lost(f"{answer.status_code} {answer.text[:100]}")
        self._came()
        return answer

    def _good(self, page: Page) -> Page:
        if not isinstance(page, Arrived) and page.status >= 500:
            self.history.seen(page.status, page.text, page.response.headers.get("retry-after"))
            raise Lost(f"{page.status} {page.url.partition('?')[0].rpartition('/')[2]}")
        self._came()
        return page

    def _came(self) -> None:
        if self._down_since is not None:
            self.history.recovered(time.monotonic() - self._down_since)
            self._down_since = None

    def _missed(self, lost: Exception) -> None:
        if isinstance(lost, Lost) and str(lost) == "no mail yet":
            return
        self.history.failed(str(lost) if isinstance(lost, Lost) else type(lost).__name__)
        if self._down_since is None:
            self._down_since = time.monotonic()


def _who(told: dict[str, Any]) -> dict[str, Any]:
    return {"identifier": told["account"]["identifier"], "address": told.get("email")}
