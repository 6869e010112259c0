"""An owner whose account is associated: comes back, mistypes, forgets her password, detaches the account."""

from typing import Any

from tests.broker.oidc.owners import OFFLINE
from tests.browser import Arrived
from tests.faults.newcomer import Newcomer
from tests.faults.visitor import Lost
from tests.journeys.grouping.detaching import links
from tests.journeys.steps import sign_in
from tests.relying_party import RelyingParty

SECOND = "nuage-girafe-bouton-soleil"
"""Her second password; each owner's own number follows."""
WRONG = "pas-le-bon-mot-de-passe"
MISTAKES = 8
"""A network from which a hundred attempts fail within minutes is made to wait, and rightly."""


class Owner(Newcomer):
    """What she does once she is at home."""

    def signs_in(self) -> None:
        """At the extranet, with e-mail and password, in a new browser."""
        self._until(self._sign_in_once)

    def mistypes(self) -> None:
        """A wrong password must let nobody in. Hers are few."""
        if self.mistakes < MISTAKES:
            self.mistakes += 1
            self._until(self._mistype_once)

    def resets(self) -> None:
        """« Mot de passe oublié ? », up to the new password."""
        self._until(lambda: self._reset_once(f"{SECOND}-{self.number}"))

    def refreshes(self) -> None:
        """Her extranet uses its refresh token; an answer that was lost means signing in again."""
        self._until(self._refresh_once)

    def detaches(self) -> None:
        """« Détacher », in « Gérer mes comptes »."""
        self._until(self._detach_once)

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

    def _detach_once(self) -> bool:
        browser = self.opens()
        base = self.syndic.issuer.partition("/t/")[0]
        page = self._good(browser.get(f"{base}/login?next=/account/accounts/manage"))
        page = self._good(sign_in(page, self.email, self.password))
        found = links(page, "Détacher")
        if page.heading != "Gérer mes comptes":
            raise Lost(f"« {page.heading} » {page.alert}")
        if not found:
            return True  # an answer was lost, and it had happened
        page = self._good(browser.get(base + found[0]))
        if page.heading == "Saisissez votre mot de passe":
            page = self._good(page.submit("Continuer", **{"Mot de passe": self.password}))
        facts = {"email": self.email, "syndic": self.syndic.slug, "identifier": self.account.identifier}
        act = self.history.sends("detach", **facts)
        page = self._sent(act, lambda: page.submit("Détacher"))
        done = page.heading == "Ce compte est détaché"
        self.history.ends(act, "acknowledged" if done else "refused", why=page.text[:200])
        return done


def _who(told: dict[str, Any]) -> dict[str, Any]:
    return {"identifier": told["account"]["identifier"], "address": told.get("email")}
