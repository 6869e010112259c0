"""No secret, address or identifier is in the lines of web and worker, whatever goes well or wrong (SECURITY)."""

import base64
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from config.database import db, transaction
from tenants.syndics import service as syndics
from tenants.webhooks import endpoints
from tenants.webhooks.models import TOPICS
from tests.broker.bounces.reports import failed
from tests.browser import Browser, Page
from tests.journeys.owner import signed_in
from tests.journeys.steps import confirm_by_code, sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.seen.conftest import PATIENCE_S, Service
from tests.seen.secrets import found, written
from tests.workers.webhooks.consumer import consuming
from tests.world import Account, TestSyndic

FIRST, SECOND, WRONG = "Éléphant+taupe/œuf 1 violon", "nuage&girafe=bouton%20soleil", "Tout à fait faux !"


@dataclass
class Run:
    """What was done with the service, and every secret that it was told or gave away."""

    service: Service
    secrets: dict[str, str] = field(default_factory=dict)
    browsers: list[Browser] = field(default_factory=list)

    def keep(self, **told: str) -> None:
        """Something that must not be written down."""
        self.secrets |= told

    def browser(self) -> Browser:
        """A visitor, whose cookies are secrets."""
        self.browsers.append(Browser())
        return self.browsers[-1]

    def cookies(self) -> dict[str, str]:
        """The values of all cookies of all visitors."""
        jars = [(number, cookie) for number, one in enumerate(self.browsers) for cookie in one.http.cookies.jar]
        return {f"cookie {number} {cookie.name}": str(cookie.value) for number, cookie in jars if cookie.value}


@pytest.fixture(scope="module")
def run(service: Service) -> Run:
    """One long day of owners and of things that break."""
    made = Run(service)
    made.keep(first=FIRST, second=SECOND, wrong=WRONG, hook="the-mail-provider-shows-this-to-the-hook")
    with consuming() as consumer:
        consumer.answers = [(500, {}), (503, {"Retry-After": "0"})]
        syndic = _syndic(made, consumer.url)
        _by_code(made, syndic)
        _by_link(made, syndic)
        _recovered(made)
        _moved(made)
        _bounced(made)
        _broken(made)
        service.world.work()
    return made


def _syndic(run: Run, url: str) -> TestSyndic:
    syndic = run.service.world.syndic(accounts=0, association_policy="required", association_deadline="2099-01-01")
    for number in range(2):
        identifier, password = f"ID-{secrets.token_hex(5)}".upper(), f"imprimé {secrets.token_hex(6)}"
        known = f"connue-{number}-{secrets.token_hex(4)}@orange.fr"
        syndic.accounts.append(Account(identifier, password, "Mme Zoé Quintrebert", known))
        run.keep(**{f"identifier {number}": identifier, f"printed {number}": password, f"known {number}": known})
    run.keep(holder="Quintrebert", client_secret=syndic.client_secret)
    run.service.world.import_accounts(syndic)
    with run.service.world.application.app_context(), transaction():
        endpoints.add(syndics.get(syndic.slug).id, "Extranet", url, TOPICS)
    return syndic


def _waiting(syndic: TestSyndic, number: int, email: str, browser: Browser) -> tuple[RelyingParty, Page]:
    account = syndic.accounts[number]
    party = RelyingParty(syndic)
    page = sign_in(party.begin(browser), account.identifier, WRONG)
    page = sign_in(page, account.identifier, account.password)
    return party, until_waiting(page, email, FIRST)


def _by_code(run: Run, syndic: TestSyndic) -> None:
    """An association by code, with a relay that first wants nothing, and tokens of all kinds."""
    email = f"zénobie.{secrets.token_hex(4)}@boîte.example".encode("ascii", "ignore").decode()
    run.keep(email=email)
    run.service.relay.to_recipient = iter([f"451 4.2.1 <{email}> come back later", f"421 {email} busy"])
    browser = run.browser()
    party, page = _waiting(syndic, 0, email, browser)
    _arrives(run, email)
    run.keep(code=run.service.world.mailed_code(email), link=run.service.world.mailed_link(email).rpartition("/")[2])
    page.submit("Valider", **{"Code reçu par e-mail": "00000000"})
    assert confirm_by_code(run.service.world, page, email).heading == "Ce compte est associé"
    signed = run.browser()
    sign_in(party.begin(signed), email, WRONG)
    arrived = sign_in(party.begin(signed, scope="openid email offline_access accounts"), email, FIRST)
    code = party.code(arrived)
    answer = party.redeem(code).json()
    run.keep(authorization_code=code, state=party.state, **{name: answer[name] for name in TOKENS})
    party.userinfo(answer["access_token"])
    renewed = party.refresh(answer["refresh_token"]).json()
    run.keep(refreshed=renewed["refresh_token"], access_again=renewed["access_token"])
    party.redeem(code)  # a second time: refused, and all of it ends
    run.keep(no_token=f"none-{secrets.token_hex(8)}")
    party.userinfo(run.secrets["no_token"])
    httpx2.post(
        f"{syndic.issuer}/token",
        data={"grant_type": "authorization_code", "code": code},
        auth=("x", "nuage-girafe-bouton"),
    )


HANG_UP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""
TOKENS = ("access_token", "refresh_token", "id_token")


def _by_link(run: Run, syndic: TestSyndic) -> None:
    """An association by link, refused once for good: the address is corrected."""
    mistyped, email = f"mal.{secrets.token_hex(4)}@boite.example", f"odilon.{secrets.token_hex(4)}@boite.example"
    run.keep(mistyped=mistyped, other=email)
    run.service.relay.to_recipient = iter([f"550 5.1.1 <{mistyped}>: no such user"])
    browser = run.browser()
    _, page = _waiting(syndic, 1, mistyped, browser)
    run.service.world.work()
    page = browser.get(page.url)
    page = (
        page.submit("Corriger l'adresse", **{"Adresse e-mail": email})
        if page.has("button", "Corriger l'adresse")
        else page
    )
    run.service.world.work()
    if not run.service.world.mails_to(email):
        return
    link = run.service.world.mailed_link(email)
    run.keep(other_link=link.rpartition("/")[2], other_code=run.service.world.mailed_code(email))
    stranger = run.browser()
    form = stranger.get(link)
    form = form.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": WRONG})
    form.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": FIRST}).submit("Confirmer")
    run.service.world.work()


def _arrives(run: Run, email: str) -> None:
    """Wait until a mail that was put off has come."""
    end = time.monotonic() + PATIENCE_S
    while not run.service.world.mails_to(email):
        assert time.monotonic() < end, "a mail that was put off goes out again"
        time.sleep(0.1)


def _recovered(run: Run) -> None:
    """« Mot de passe oublié ? », for the owner and for nobody."""
    world, email = run.service.world, run.secrets["email"]
    stranger = f"personne.{secrets.token_hex(4)}@boite.example"
    run.keep(stranger=stranger)
    for address in (stranger, email):
        run.browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": address})
    world.work()
    link = world.mailed_link(email)
    run.keep(reset=link.rpartition("/")[2])
    page = run.browser().get(link)
    page.submit("Enregistrer", **{"Adresse e-mail": stranger, "Nouveau mot de passe": SECOND})
    page = page.submit("Enregistrer", **{"Adresse e-mail": email, "Nouveau mot de passe": SECOND})
    assert not page.alert, page.text[:300]
    run.browser().get(link)  # used


def _moved(run: Run) -> None:
    """A change of address."""
    world, new = run.service.world, f"nouvelle.{secrets.token_hex(4)}@boite.example"
    run.keep(new=new)
    browser, _ = signed_in(world, run.secrets["email"], SECOND, run.browser())
    page = browser.get(f"{world.base}/account/address")
    if page.has("button", "Continuer") and "mot de passe" in (page.heading or ""):
        page = page.submit("Continuer", **{"Mot de passe": SECOND})
    page = page.submit("Continuer", **{"Nouvelle adresse e-mail": new})
    world.work()
    run.keep(new_code=world.mailed_code(new), new_link=world.mails_to(new)[0].text.partition("/confirm/")[2].split()[0])
    page.submit("Valider", **{"Code reçu par e-mail": run.secrets["new_code"]})
    world.work()
    run.keep(revert=world.mails_to(run.secrets["email"])[0].text.partition("/revert/")[2].split()[0])


def _bounced(run: Run) -> None:
    """A notice of delivery, and one with a wrong secret."""
    came_to = run.service.relay.senders[-1]
    run.keep(return_path=came_to.partition("+")[2].partition("@")[0])
    for secret in (run.secrets["hook"], f"{WRONG} hook".encode("ascii", "ignore").decode()):
        httpx2.post(
            f"{run.service.base}/hooks/mail/bounces",
            content=failed(came_to, diagnostic=f"smtp; 550 5.1.1 <{run.secrets['new']}>: no such user"),
            headers={"Content-Type": "message/rfc822", "Authorization": f"Bearer {secret}"},
        )


def _broken(run: Run) -> None:
    """What the database says no to, in the web process and in the worker; and a database that hangs up."""
    hostile = f"casse.{secrets.token_hex(4)}@boite.example"
    run.keep(hostile=hostile)
    world = run.service.world
    with refusing(run.service, "password_resets", "false"):
        page = run.browser().get(f"{world.base}/forgotten")
        page = page.submit("Envoyer le lien", **{"Adresse e-mail": hostile})
        assert page.status == 500, "the database has refused a row, and said which one"
    with refusing(run.service, "password_resets", "token_digest IS NULL"):
        email = run.secrets["new"]
        run.browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": email})
        _failed(run.service)
    for _ in range(3):
        with world.application.app_context(), db.engine.connect() as connection:
            connection.execute(text(HANG_UP))
        sign_in(run.browser().get(f"{world.base}/login"), hostile, WRONG)
    with world.application.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def refusing(service: Service, table: str, condition: str) -> Iterator[None]:
    """A database that refuses new rows of a table: somebody has been at it by hand."""
    engine = create_engine(service.owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK ({condition}) NOT VALID"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT broken"))


def _failed(service: Service) -> None:
    end = time.monotonic() + PATIENCE_S
    while not any("IntegrityError" in line["error"] for line in service.lines("worker", "promise_failed")):
        assert time.monotonic() < end, "the worker has met the same"
        time.sleep(0.1)


def test_no_secret_is_written_in_any_form(run: Run) -> None:
    secret = {name: value for name, value in (run.secrets | run.cookies()).items() if value}
    assert len(secret) > 40, "there is enough to look for"
    logged = run.service.logged()
    assert len(logged.splitlines()) > 60, "and enough to look into"
    assert found(secret, logged) == [], "nothing of it is written down"


def test_everything_that_went_wrong_is_written(run: Run) -> None:
    """Silence would pass the other test."""
    for program, event in (
        ("web", "refused"),
        ("web", "unexpected"),
        ("web", "promised"),
        ("worker", "promise_kept"),
        ("worker", "promise_failed"),
    ):
        assert run.service.lines(program, event), f"{program} tells of {event}"
    (line, *_) = run.service.lines("web", "unexpected")
    assert "IntegrityError" in line["exception"], "what it is"
    assert "reset.py" in line["exception"] or "recovery.py" in line["exception"], "and where"


def test_each_line_of_ours_is_json_and_a_request_is_followed_into_the_worker(run: Run) -> None:
    promised = {line["promise"]: line["request_id"] for line in run.service.lines("web", "promised")}
    kept = {
        line["promise"]: line["request_id"]
        for line in run.service.lines("worker", "promise_kept")
        if "request_id" in line
    }
    both = promised.keys() & kept.keys()
    assert len(both) >= 5, "the worker has kept what these requests promised"
    assert {promised[each] for each in both} == {kept[each] for each in both}
    assert all(promised[each] == kept[each] for each in both), "line by line under one id"
    lines = (run.service.folder / "web.log").read_text("utf-8").splitlines()
    odd = [line for line in lines if not line.startswith(("{", "[INFO]"))]
    assert not odd, f"every line is an object, but the server's own on its start: {odd[:3]}"


@pytest.mark.parametrize("secret", ["Éléphant+taupe/œuf 1", "12345678", "a.martin@example.org"])
def test_the_search_finds_a_secret_in_every_form(secret: str) -> None:
    encoded = [base64.b64encode(f"{before}{secret} and more".encode()).decode() for before in ("", "x", "xy", "xyz")]
    for text_ in (f"x {secret} y", json.dumps({"x": secret}), *encoded):
        assert found({"it": secret}, text_) == ["it"]
    assert found({"it": secret}, "nothing of the kind") == []
    assert len(set(written(secret))) > 4
