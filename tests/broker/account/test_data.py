"""« Télécharger mes données »: everything of the person, nothing of anybody else, no secret."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import event, insert, select

from broker.account.data import export
from broker.identities.models import Identity, Link
from config import clock, secrets
from config.database import db, new_id, session, transaction
from tenants.legacy.models import LegacyAccount
from tenants.syndics import service as syndics
from tests.browser import Browser
from tests.journeys.owner import change, owner
from tests.journeys.steps import PASSWORD, associate, email_sign_in
from tests.world import World

MANY = 200


def _file(world: World, browser: Browser) -> dict[str, Any]:
    page = browser.get(f"{world.base}/account/data").follow("Télécharger mes données")
    assert page.status == 200
    told: dict[str, Any] = json.loads(page.response.text)
    return told


def test_the_file_holds_what_is_kept_of_the_person(world: World) -> None:
    old, syndic, browser = owner(world, "donnees")
    new = f"donnees-nouveau@{syndic.slug}.example"
    change(world, browser, new)
    email_sign_in(syndic, new)
    told = _file(world, browser)
    assert told["identity"]["email"] == new
    assert [(each["syndic"], each["identifier"]) for each in told["accounts"]] == [
        (syndic.name, syndic.accounts[0].identifier)
    ]
    assert [(each["from"], each["to"]) for each in told["address_changes"]] == [(old, new)]
    assert told["terms_accepted"][0]["sha256"], "which text was accepted"
    assert any(each["extranets"] for each in told["sessions"]), "where the person went"
    assert "address.changed" in {each["event"] for each in told["history"]}
    assert {each["to"] for each in told["mails"]} == {new}
    assert told["known_browsers"]
    assert told["associations"][0]["email"] == old


def test_the_file_is_a_download_that_no_cache_keeps(world: World) -> None:
    _, _, browser = owner(world, "cache")
    answer = browser.get(f"{world.base}/account/data/file").response
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"].startswith('attachment; filename="mes-donnees-')
    assert answer.headers["cache-control"] == "no-store"


def test_the_file_holds_no_secret_and_nothing_of_a_co_holder(world: World) -> None:
    syndic = world.syndic(legacy_disable="never")
    other = f"autre@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], other)
    email, _, browser = owner(world, "seule", syndic)
    text = json.dumps(_file(world, browser), ensure_ascii=False)
    with world.application.app_context():
        person = session().scalars(select(Identity).where(Identity.email == email)).one()
        secret = (person.password_hash, str(person.id), PASSWORD, "argon2", "digest", "code_mac")
    for each in secret:
        assert each not in text, f"the file holds {each}"
    assert other not in text
    assert syndic.accounts[0].email is not None
    assert syndic.accounts[0].email not in text, "what the syndic's own record says is the syndic's to tell"


def test_two_hundred_accounts_cost_as_many_statements_as_one(world: World) -> None:
    email, syndic, _ = owner(world, "nombreux")
    one = _statements(world, email)
    _add_accounts(world, email, syndic.slug)
    assert _statements(world, email) == one, "a bounded number of statements, however many accounts"


def _statements(world: World, email: str) -> int:
    counted: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    with world.application.app_context():
        person = session().scalars(select(Identity).where(Identity.email == email)).one()
        event.listen(db.engine, "before_cursor_execute", count)
        try:
            export.everything(person)
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
    assert counted, "statements are counted"
    return len(counted)


def _add_accounts(world: World, email: str, slug: str) -> None:
    now = clock.now()
    with world.application.app_context(), transaction() as work:
        person = work.scalars(select(Identity.id).where(Identity.email == email)).one()
        syndic_id = syndics.get(slug).id
        ids: list[UUID] = [new_id() for _ in range(MANY)]
        work.execute(
            insert(LegacyAccount),
            [
                {
                    "id": each,
                    "syndic_id": syndic_id,
                    "identifier": f"9{number:07d}",
                    "holder": "-",
                    "label": "Appt",
                    "imported_at": now,
                }
                for number, each in enumerate(ids)
            ],
        )
        work.execute(
            insert(Link),
            [
                {
                    "syndic_id": syndic_id,
                    "identity_id": person,
                    "account_id": each,
                    "association_id": new_id(),
                    "sub": secrets.token(),
                    "proofs": ["legacy", "mail-code"],
                    "contest_until": now,
                    "created_at": now,
                }
                for each in ids
            ],
        )
