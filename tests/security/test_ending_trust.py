"""Trust ends while hundreds of links, switches, listings and refreshes are under way: a second later none crosses."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from broker.identities.models import Identity, Link
from broker.oidc.models import Grant
from config import clock
from config.database import session
from config.embedded.postgres import APPLICATION, OWNER, EmbeddedPostgres
from tenants.syndics import service as syndics
from tests.broker.oidc.menus import Holder, signed_in
from tests.broker.oidc.owners import Owner
from tests.browser import Arrived, Browser, Page
from tests.journeys.steps import PASSWORD, associate, legacy_sign_in, sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.security.crossing import KINDS, Crosser, Record, links
from tests.world import Account, TestSyndic, World

OWNERS, LINKERS = 4, 9
IN_FLIGHT = 200
LATE = 10
"""Acts of each kind that must have begun once nothing may cross any more; of links, a third."""
SECOND = timedelta(seconds=1)


class Ended:
    """When the end of trust was acknowledged, for whoever waits for it."""

    def __init__(self) -> None:
        self.acknowledged = threading.Event()
        self.at: datetime | None = None
        self.over = threading.Event()

    def acknowledge(self) -> datetime:
        """The call has returned."""
        self.at = clock.now()
        self.acknowledged.set()
        return self.at

    @property
    def is_late(self) -> bool:
        """Whether a second has passed since."""
        return self.at is not None and clock.now() >= self.at + SECOND


def test_a_second_after_trust_has_ended_nothing_crosses(
    world: World, postgres: EmbeddedPostgres, database: str, tmp_path: Path
) -> None:
    home, partner = (world.syndic(accounts=OWNERS + LINKERS, legacy_disable="never") for _ in range(2))
    world.trust(home.slug, partner.slug)
    owners = [_owner(world, home, partner, number) for number in range(OWNERS)]
    crossers = [Crosser(person) for person in owners]
    waiting = [_until_the_question(world, home, partner, OWNERS + number) for number in range(LINKERS)]
    record, ended = Record(), Ended()
    threads = [_thread(record, _over_and_over, record, ended, each, kind, act)
               for each in crossers for kind, act in each.acts.items()]  # fmt: skip
    threads += [_thread(record, _linking, record, ended, page, number % 3) for number, page in enumerate(waiting)]
    for thread in threads:
        thread.start()
    try:
        record.wait(lambda: len(record.acts) >= IN_FLIGHT // 2 and all(_have_crossed(record, kind) for kind in KINDS))
        _deny(postgres, database, tmp_path, partner, home)
        at = ended.acknowledge() + SECOND
        record.wait(lambda: all(len(record.since(at, kind)) >= _enough(kind) for kind in KINDS)
                    and len(record.acts) >= IN_FLIGHT)  # fmt: skip
    finally:
        ended.over.set()
        ended.acknowledged.set()
        for thread in threads:
            thread.join()
    assert record.errors == []
    _nothing_crossed(record, at)
    _no_row_crosses(world, home, partner, at)
    for person in owners:
        _goes_on_at_each(person)
    world.ledger_is_whole()


def _enough(kind: str) -> int:
    return LINKERS // 3 if kind == "link" else LATE


def _have_crossed(record: Record, kind: str) -> bool:
    return any(act.crossed for act in record.acts if act.kind == kind)


def _nothing_crossed(record: Record, at: datetime) -> None:
    for kind in KINDS:
        late = record.since(at, kind)
        assert not [act for act in late if act.crossed], f"{kind}: crossed a second after trust had ended"


def _no_row_crosses(world: World, home: TestSyndic, partner: TestSyndic, at: datetime) -> None:
    """The same by the records' own clock, whoever made them."""
    with world.application.app_context():
        one, other = syndics.get(home.slug).id, syndics.get(partner.slug).id
        crossing = select(Grant).where(Grant.syndic_id == other, Grant.origin_id == one)
        grants = session().scalars(crossing).all()
        assert grants, "before, sign-ins crossed"
        assert [each.created_at for each in grants if each.created_at >= at] == [], "a code was issued"
        used = [each.code_used_at for each in grants if each.code_used_at and each.code_used_at >= at]
        assert used == [], "a code gave tokens"
        assert [each.refreshed_at for each in grants if each.refreshed_at and each.refreshed_at >= at] == []
        mine = select(Identity.id).join(Link, Link.identity_id == Identity.id).where(Link.syndic_id == one)
        made = session().scalars(select(Link).where(Link.syndic_id == other, Link.identity_id.in_(mine))).all()
        assert [each.created_at for each in made if each.created_at >= at] == [], "a link was made"


def _goes_on_at_each(person: Holder) -> None:
    """Nobody is locked out: each account by its own syndic's login page."""
    assert person.at(person.home), "at home the menu goes on"
    party = RelyingParty(person.partner)
    page = party.begin(person.browser)
    assert not isinstance(page, Arrived), "her sign-in at home is none here"
    tokens = party.complete(sign_in(page, person.owner.email, PASSWORD))
    assert tokens.userinfo["account"]["id"] == person.account_id(person.partner)


def _owner(world: World, home: TestSyndic, partner: TestSyndic, number: int) -> Holder:
    email = f"traverse-{number}@{home.slug}.example"
    associate(world, home, home.accounts[number], email)
    associate(world, partner, partner.accounts[number], email)
    made = Holder(world, Owner(world, home, email, signed_in(home, email)), partner)
    made.show(partner)
    return made


def _until_the_question(world: World, home: TestSyndic, partner: TestSyndic, number: int) -> Page:
    """Somebody with an account at home is asked whether to tie one of the partner's."""
    email = f"associe-{number}@{home.slug}.example"
    associate(world, home, home.accounts[number], email)
    account: Account = partner.accounts[number]
    _, page = legacy_sign_in(Browser(), partner, account, acr_values="password", prompt="login")
    page = until_waiting(page, email)
    world.work()
    page = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(email)})
    page = page.submit("Connexion", **{"Adresse e-mail": email, "Mot de passe": PASSWORD})
    assert page.has("button", "Confirmer"), page.text[:500]
    return page


def _thread(record: Record, act: Callable[..., None], *arguments: object) -> threading.Thread:
    def run() -> None:
        try:
            act(*arguments)
        except BaseException as error:
            record.fail(error)

    return threading.Thread(target=run)


def _over_and_over(record: Record, ended: Ended, crosser: Crosser, kind: str, act: Callable[[], bool]) -> None:
    while not ended.over.is_set() and (kind != "switch" or crosser.kept):
        record.add(kind, act)


def _linking(record: Record, ended: Ended, page: Page, turn: int) -> None:
    """A third at once, a third as soon as the end is acknowledged, a third when nothing may cross any more."""
    if turn:
        ended.acknowledged.wait()
    while turn == 2 and not ended.is_late and not ended.over.is_set():
        ended.over.wait(0.05)
    record.add("link", lambda: links(page))


def _deny(postgres: EmbeddedPostgres, database: str, folder: Path, denier: TestSyndic, denied: TestSyndic) -> None:
    """What an operator does at a terminal: another process than those that serve."""
    file = folder / "denial.toml"
    file.write_text(f'[[denial]]\ndenier = "{denier.slug}"\ndenied = "{denied.slug}"\n', encoding="utf-8")
    environment = {
        **os.environ,
        "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, database),
        "TROUSSEAU_MIGRATION_DATABASE_URL": postgres.url(OWNER, database),
        "TROUSSEAU_REDIS_URL": os.environ["TROUSSEAU_TEST_REDIS"],
    }
    program = [sys.executable, "-c", "from broker.cli import main; main()", "trust", "load", str(file)]
    subprocess.run(program, env=environment, check=True, capture_output=True)  # noqa: S603 - our own words
