"""What a stranger obtains of an owner holds no trace of the owner's other syndics, nor they of the stranger.

The owner has accounts at A and at its partner B. C trusts nobody and is a hostile one: the owner signs in there with
the printed code, associates with the same address, and is refused. Nothing that C then holds (and its servers, its
rows, its evidence, its mails, the logs that name it are held to be read by it) names A, B, or what was given there.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import pytest

from broker.identities import releases
from broker.identities import service as identities
from config.database import transaction
from tenants.syndics import service as syndics
from tests.broker.oidc.owners import OFFLINE
from tests.browser import Arrived, Browser, Page
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty, Tokens
from tests.security.leaks.listening import Server, listening
from tests.security.leaks.obtained import Obtained, asked_by, kept_under
from tests.security.leaks.telltales import of_person, of_syndic
from tests.world import Account, TestSyndic, World

REFUSED = (
    "Vos biens sont gérés par des syndics qui ne sont pas partenaires. "
    "Ce compte ne peut pas être rattaché à cette adresse."
)
OWN = {"Prénom": "Zénobie-Aglaé", "Nom": "Quintrebert-Vaugelas", "Téléphone": "+33 6 39 98 76 54"}
"""Given at A: nobody else's words, so that whoever knows them has them from there."""


@dataclass
class Stage:
    """A and B are partners, C is a stranger; the owner's browser is signed in at all three."""

    world: World
    a: TestSyndic
    b: TestSyndic
    c: TestSyndic
    server: Server
    email: str
    browser: Browser

    def told(self, syndic: TestSyndic, **extra: str) -> Tokens:
        """What a silent sign-in of the owner's browser gives."""
        party = RelyingParty(syndic)
        return party.complete(party.begin(self.browser, prompt="none", **extra))


def _syndic(world: World, letter: str, **policy: Any) -> TestSyndic:
    """A syndic whose accounts have numbers, holders and addresses that nobody else's have."""
    made = world.syndic(accounts=0, **policy)
    for number in range(2):
        identifier = f"{letter}{letter}7{number}{made.slug[-6:]}".upper()
        holder = f"M. {letter}-Titulaire-{number} {made.slug[-6:]}"
        made.accounts.append(Account(identifier, f"code-{letter}-{number}-{made.slug}", holder, None))
    if "connector_url" not in policy:
        world.import_accounts(made)
    return made


def _associated_at_home(world: World, syndic: TestSyndic, email: str) -> None:
    """The first association, with a profile that the owner has typed."""
    browser = Browser()
    _, page = legacy_sign_in(browser, syndic, syndic.accounts[0], acr_values="password", prompt="login")
    page = page.submit("Étape suivante").submit("Continuer", **{"Adresse e-mail": email})
    page = page.submit("Continuer", **{"Mot de passe": PASSWORD, **OWN})
    page = page.submit("Continuer", **{"J'ai lu et j'accepte les présentes conditions": "on"})
    world.work()
    page = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(email)})
    assert page.submit("Confirmer").heading == "Ce compte est associé"


def _refused_at(world: World, stage: Stage) -> Page:
    """The association at the stranger's, to its refusal: the same browser, the same address and password."""
    _, page = legacy_sign_in(stage.browser, stage.c, stage.c.accounts[0], acr_values="password", prompt="login")
    page = until_waiting(page, stage.email)
    world.work()
    page = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(stage.email)})
    if page.has("button", "Connexion"):
        page = page.submit("Connexion", **{"Adresse e-mail": stage.email, "Mot de passe": PASSWORD})
    return page.submit("Confirmer") if page.has("button", "Confirmer") else page


@pytest.fixture
def stage(world: World) -> Any:
    """The owner is associated at A and B, signed in there, and has just been refused at C."""
    with listening([]) as server:
        a, b = _syndic(world, "a"), _syndic(world, "b")
        c = _syndic(world, "c", connector_url=server.url)
        server.accounts += c.accounts
        world.change_client(c, backchannel_logout_uri=f"{server.url}/logout", scope=f"{OFFLINE} phone address")
        world.trust(a.slug, b.slug)
        email = f"zenobie.{secrets.token_hex(4)}@boite.example"
        _associated_at_home(world, a, email)
        associate(world, b, b.accounts[0], email)
        browser, party = Browser(), RelyingParty(a)
        party.complete(sign_in(party.begin(browser), email, PASSWORD))
        made = Stage(world, a, b, c, server, email, browser)
        made.told(b)
        page = _refused_at(world, made)
        assert page.alert == REFUSED, "the owner is told, and nobody else"
        world.work()
        yield made


def _stolen(stage: Stage, syndic: TestSyndic) -> dict[str, str]:
    """Tokens of this syndic's that another one got hold of."""
    party = RelyingParty(syndic)
    answer = party.redeem(party.code(party.begin(stage.browser, prompt="none", scope=OFFLINE))).json()
    return {name: str(answer[name]) for name in ("id_token", "access_token")}


def _all_that(stage: Stage, syndic: TestSyndic, stolen: dict[str, str]) -> Obtained:
    obtained = Obtained()
    asked_by(syndic, stage.browser, obtained, stolen)
    asked_by(syndic, Browser(), Obtained(), stolen)
    kept_under(stage.world, syndic, obtained)
    return obtained


def test_a_stranger_finds_no_trace_of_an_owners_other_syndics(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    telltales = {f"A's {what}": value for what, value in of_syndic(stage.world, stage.a).items()}
    telltales |= {f"B's {what}": value for what, value in of_syndic(stage.world, stage.b).items()}
    obtained = _all_that(stage, stage.c, _stolen(stage, stage.a))
    logged = [line for line in "".join(capfd.readouterr()).splitlines() if stage.c.slug in line]
    obtained.pieces["log lines that name it"] = "\n".join(logged)
    obtained.pieces["what its servers are sent"] = "\n".join(stage.server.heard)
    assert "POST /verify" in obtained.pieces["what its servers are sent"], "the test hears what its servers are sent"
    assert len(telltales) > 30, "there is enough to look for"
    assert obtained.traces(telltales) == [], "a stranger learns nothing of where else an owner has accounts"


def test_an_owners_syndics_find_no_trace_of_a_stranger_that_was_refused(stage: Stage) -> None:
    telltales = {f"C's {what}": value for what, value in of_syndic(stage.world, stage.c).items()}
    assert len(telltales) > 10, "there is enough to look for"
    for syndic in (stage.a, stage.b):
        obtained = _all_that(stage, syndic, {})
        assert any("code=" in text for text in obtained.pieces.values()), "the owner is signed in there"
        assert obtained.traces(telltales) == [], "nobody learns of an attempt at a stranger's"
        own = of_syndic(stage.world, syndic)
        assert len(obtained.traces(own)) > len(own), "the same search finds what is the syndic's own"


def test_no_row_of_a_stranger_names_the_person(stage: Stage) -> None:
    """The address is in C's own attempt, as in anybody's; that it is a person's who exists is nowhere."""
    telltales = of_person(stage.world, stage.email)
    del telltales["address"]
    obtained = _all_that(stage, stage.c, {})
    obtained.pieces["what its servers are sent"] = "\n".join(stage.server.heard)
    typed_here = {key for key in telltales if key in {"claim given_name", "claim family_name", "claim phone_number"}}
    assert typed_here, "the person has a profile"
    assert obtained.traces(telltales) == [], "what was given at A is not at C, and nor is whose it is"


def test_what_was_given_at_one_syndic_reaches_a_partner_only_when_released(stage: Stage) -> None:
    wanted = "openid profile email phone address accounts"
    before = stage.told(stage.b, scope=wanted).userinfo
    assert not {*OWN.values(), stage.email} & set(map(str, before.values())), f"nothing was released: {before}"
    with stage.world.application.app_context(), transaction():
        person = identities.by_email(stage.email)
        assert person is not None
        releases.release(person, syndics.get(stage.b.slug).id, {"phone_number"})
    assert stage.told(stage.b, scope=wanted).userinfo["phone_number"] == OWN["Téléphone"]
    elsewhere = stage.told(stage.a, scope=wanted).userinfo
    assert not {*OWN.values()} & set(map(str, elsewhere.values())), "B alone was let see it"


def test_the_codes_of_a_refused_owner_go_on_and_the_attempt_is_like_any_other(stage: Stage) -> None:
    party, page = legacy_sign_in(Browser(), stage.c, stage.c.accounts[0])
    if not isinstance(page, Arrived):
        page = page.follow("Plus tard")
    assert party.complete(page).id_claims["acr"] == "legacy", "nothing was retired"
    assert not any("/disable" in heard for heard in stage.server.heard), "and nothing was asked of its source"
