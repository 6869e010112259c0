"""« Historique »: what happened to a person's access, in words, newest first."""

import ast
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from broker.account.history.sentences import SENTENCES
from broker.identities import journal
from broker.identities import service as identities
from broker.identities.models import SecurityEvent
from config import clock
from config.database import session, transaction
from tests.broker.account.owners import NEW_PASSWORD, Person, at_the_portal, person
from tests.browser import Browser, Page
from tests.journeys.steps import NAME
from tests.world import World
from workers.housekeeping import turn as housekeeping
from workers.mail.notices import NOTICES
from workers.mail.rendering import LOCALES

ROOT = Path(__file__).resolve().parents[3]
STOREYS = ("broker", "tenants", "config", "workers")


def _noted(*writers: str) -> Iterator[tuple[str, ast.expr]]:
    """Every place of the code that writes to the journal in one of these ways, with the kind that it gives."""
    for storey in STOREYS:
        for path in (ROOT / storey).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _writes(node.func, writers):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args[0]


def _writes(function: ast.expr, writers: tuple[str, ...]) -> bool:
    written = ast.unparse(function).rpartition(".")
    return written[0] == "journal" and written[2] in writers


def test_every_kind_that_is_noted_anywhere_has_a_sentence() -> None:
    places = list(_noted("note", "tell", "note_name"))
    assert len(places) > 10, "the places are found"
    for place, kind in places:
        assert isinstance(kind, ast.Constant), f"{place}: write the kind out, so that this test can read it"
        assert str(kind.value) in SENTENCES, f"{place}: `{kind.value!s}` has no sentence in history/sentences.py"


def test_every_kind_that_a_mail_tells_of_has_its_words_in_both_languages() -> None:
    told = [(place, kind) for place, kind in _noted("tell") if isinstance(kind, ast.Constant)]
    assert told, "the places are found"
    for place, kind in told:
        assert set(NOTICES.get(str(kind.value), {})) == set(LOCALES), f"{place}: `{kind.value!s}` in workers/mail"


def _lines(page: Page) -> list[str]:
    return [" ".join(item.get_text(" ").split()) for item in page.soup.select("ol.entries li")]


def test_what_a_person_did_stands_there_newest_first_with_time_and_device(world: World) -> None:
    who = person(world)
    at_the_portal(world, who.email)
    page = who.page("history")
    lines = _lines(page)
    year = str(clock.now().year)
    assert re.fullmatch(rf"Connexion à « Mon compte ». \d+ \w+ {year} à \d\d:\d\d · Safari sur iPhone", lines[0]), lines
    assert lines[1].startswith(f"Connexion à l'espace client de {who.owner.syndic.name}.")
    assert any(line.startswith(f"Un compte de {who.owner.syndic.name} a été associé") for line in lines)
    times = [str(tag["datetime"]) for tag in page.soup.select("ol.entries time")]
    assert times == sorted(times, reverse=True)
    assert "127.0.0" not in str(page.soup), "no address of a network"


def test_it_speaks_the_persons_language(world: World) -> None:
    who = person(world)
    page = who.browser.get(f"{world.base}/account/history?lang=en")
    assert page.heading == "History"
    assert "Sign-in at the extranet of" in page.text
    assert re.search(r"\d+ [A-Z][a-z]+ \d{4} at \d\d:\d\d", page.text), "dates too"


def test_a_lock_and_a_reset_stand_there(world: World) -> None:
    who = person(world)
    stranger = Browser()
    for _ in range(5):
        stranger.get(f"{world.base}/login").submit("Connexion", **{NAME: who.email, "Mot de passe": "mauvais"})
    page = who.page("history")
    assert sum("Trop d'erreurs de mot de passe" in line for line in _lines(page)) == 1
    stranger.get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": who.email})
    world.work()
    reset = stranger.get(world.mailed_link(who.email))
    reset.submit("Enregistrer", **{"Adresse e-mail": who.email, "Nouveau mot de passe": NEW_PASSWORD})
    browser = at_the_portal(world, who.email, NEW_PASSWORD)
    lines = _lines(browser.get(f"{world.base}/account/history"))
    assert "Un mail pour choisir un nouveau mot de passe a été demandé." in lines[2]
    assert "Un nouveau mot de passe a été choisi par « Mot de passe oublié ? »." in lines[1]
    world.work()
    assert "Un nouveau mot de passe a été choisi" in " ".join(world.mails_to(who.email)[0].text.split())


def test_nobody_sees_what_happened_to_another(world: World) -> None:
    who, other = person(world), person(world)
    before = _lines(who.page("history"))
    for _ in range(5):
        Browser().get(f"{world.base}/login").submit("Connexion", **{NAME: other.email, "Mot de passe": "mauvais"})
    assert _lines(who.page("history")) == before


def test_it_is_read_page_by_page_without_a_gap(world: World) -> None:
    who = person(world)
    _note(world, who, 60)
    page, seen = who.page("history"), list[str]()
    for _ in range(10):
        times = [str(tag["datetime"]) for tag in page.soup.select("ol.entries time")]
        assert len(times) <= 25
        seen += times
        if not page.has("a", "Plus ancien"):
            break
        page = page.follow("Plus ancien")
    assert len(seen) == len(_all_events(world, who)), "each event is there"
    assert len(set(seen)) == len(seen), "once"
    assert seen == sorted(seen, reverse=True), "the newest first over all pages"
    assert page.follow("Revenir au plus récent").url.endswith("/account/history")


def test_a_cursor_that_is_not_ours_shows_the_newest(world: World) -> None:
    who = person(world)
    newest = _lines(who.page("history"))
    for cursor in ("x", "%F0%9F", "A" * 88, "../..", secrets.token_urlsafe(45)):
        page = who.page(f"history?before={cursor}")
        assert page.status == 200, cursor
        assert _lines(page) == newest, cursor


def test_after_twelve_months_it_is_forgotten(world: World) -> None:
    who = person(world)
    _note(world, who, 3)
    with world.application.app_context():
        clock.shift(timedelta(days=364))
        housekeeping.tidy()
        assert _all_events(world, who), "kept for twelve months"
        clock.shift(timedelta(days=366))
        housekeeping.tidy()
        assert not _all_events(world, who)


def test_a_kind_from_the_future_is_no_error(world: World) -> None:
    """Two versions run side by side during a deployment."""
    who = person(world)
    with world.application.app_context(), transaction() as work:
        found = identities.by_email(who.email)
        assert found is not None
        work.add(
            SecurityEvent(
                identity_id=found.id, kind="from-the-future", recorded_at=clock.now(), network="", user_agent="",
                details={},
            )
        )  # fmt: skip
    assert "Votre compte a été modifié." in _lines(who.page("history"))[0]


def _note(world: World, who: Person, count: int) -> None:
    with world.application.app_context(), transaction():
        found = identities.by_email(who.email)
        assert found is not None
        for minute in range(count):
            clock.shift(timedelta(minutes=minute + 1))
            journal.note("signed-in", found.id, None)


def _all_events(world: World, who: Person) -> list[SecurityEvent]:
    with world.application.app_context():
        found = identities.by_email(who.email)
        assert found is not None
        return list(session().scalars(select(SecurityEvent).where(SecurityEvent.identity_id == found.id)))


def test_who_was_never_signed_in_sees_nothing(world: World) -> None:
    assert Browser().get(f"{world.base}/account/history").heading == "Mon compte immobilier"
