"""What a notice does, by hook and by command: once, and only where everything about it is right (SECURITY R14)."""

import os
import subprocess
import sys
from datetime import timedelta
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from broker.bounces import service
from config import clock
from config.database import session, transaction
from config.embedded.postgres import APPLICATION, EmbeddedPostgres
from config.mail import return_path, suppression
from config.mail.models import Mail
from config.settings import settings
from demo.mailbox import Mail as Received
from tests.broker.bounces.reports import complaint, failed, plain
from tests.browser import Browser
from tests.journeys.association.beginnings import waiting
from tests.journeys.owner import owner, signed_in
from tests.journeys.steps import confirm_by_code
from tests.journeys.test_dormant_address import SECRET, reset_page
from tests.world import World

REFUSED = "Votre adresse a été refusée. Corrigez-la."


def _path_of(received: Received) -> str:
    assert received.sender.startswith("bounces+"), "each mail leaves with a return path of its own"
    return received.sender


def _state(world: World, email: str) -> list[str]:
    with world.application.app_context():
        wanted = select(Mail.state).where(Mail.recipient == email).order_by(Mail.created_at)
        return list(session().scalars(wanted))


def _spared(world: World, email: str) -> str | None:
    with world.application.app_context():
        found = suppression.of_address(email)
        return found.reason if found else None


def _post(world: World, raw: bytes, secret: str | None = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {secret or settings().mail_hook_secret}", "Content-Type": "message/rfc822"}
    return httpx2.post(f"{world.base}/hooks/mail/bounces", content=raw, headers=headers)


def _ask_reset(world: World, email: str) -> Received:
    Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": email})
    world.work()
    return world.mails_to(email)[0]


def test_a_bounce_by_the_hook_is_told_to_the_browser_that_waits_and_the_corrected_address_goes_on(world: World) -> None:
    begun = waiting(world, "revenu")
    assert REFUSED not in begun.browser.get(begun.page.url).text
    answer = _post(world, failed(_path_of(world.mails_to(begun.email)[0])))
    assert answer.status_code == 200, answer.text
    assert _state(world, begun.email) == ["bounced"]
    page = begun.browser.get(begun.page.url)
    assert REFUSED in page.alert
    assert begun.email in page.alert, "which address it was"
    right = f"corrige-{begun.email}"
    page = page.follow("Corriger l'adresse").submit("Continuer", **{"Adresse e-mail": right})
    assert REFUSED not in page.text, "the other address has not been refused"
    assert confirm_by_code(world, page, right).heading == "Ce compte est associé"


def test_an_address_that_bounced_is_spared_for_thirty_days_and_says_so_in_the_waiting_browser_only(
    world: World,
) -> None:
    begun = waiting(world, "epargne")
    _post(world, failed(_path_of(world.mails_to(begun.email)[0])))
    assert _spared(world, begun.email) == "bounce"
    other = waiting(world, "autre")
    page = other.page.follow("Corriger l'adresse").submit("Continuer", **{"Adresse e-mail": begun.email})
    world.work()
    assert REFUSED in other.browser.get(page.url).alert
    assert len(world.mails_to(begun.email)) == 1, "no further mail is tried"
    asked = [
        Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": address})
        for address in (begun.email, f"jamais-{begun.email}")
    ]
    assert asked[0].text == asked[1].text, "whoever asks is answered as always (R10)"
    world.later(days=31)
    _ask_reset(world, begun.email)
    assert len(world.mails_to(begun.email)) == 2, "a month later it is tried again"


def test_a_bounced_identity_needs_a_second_proof_reads_of_it_and_is_spared_until_the_mailbox_is_proved(
    world: World,
) -> None:
    email, _, browser = owner(world, "identite")
    world.later(minutes=1)
    sent = _ask_reset(world, email)
    _post(world, failed(_path_of(sent)))
    assert _spared(world, email) == "bounce"
    assert "Un mail envoyé à votre adresse est revenu" in browser.get(f"{world.base}/account/history").text
    with world.application.app_context(), transaction():
        suppression.lift(email)  # what an operator does who knows that the mailbox works again
    page = reset_page(world, email)
    assert SECRET in page.text, "the mailbox alone is not enough"
    assert signed_in(world, email)[1].heading == "Mes comptes", "the password works as before"


def test_a_late_notice_of_an_earlier_mail_is_not_held_against_a_mailbox_that_was_proved_since(world: World) -> None:
    begun = waiting(world, "tardif")
    first = world.mails_to(begun.email)[0]
    world.later(minutes=2)
    page = begun.browser.get(begun.page.url).submit("Renvoyer le mail")
    world.later(minutes=3)
    assert confirm_by_code(world, page, begun.email).heading == "Ce compte est associé"
    assert _post(world, failed(_path_of(first))).status_code == 200
    assert _state(world, begun.email) == ["bounced", "accepted"], "that mail did come back"
    assert _spared(world, begun.email) is None
    assert SECRET not in reset_page(world, begun.email).text


def test_the_same_notice_again_does_nothing_even_after_an_operator_allowed_the_address(world: World) -> None:
    begun = waiting(world, "rejoue")
    path = _path_of(world.mails_to(begun.email)[0])
    for raw in (failed(path), complaint(path)):
        _post(world, raw)
        assert _spared(world, begun.email), "the first one counts"
        with world.application.app_context(), transaction():
            suppression.lift(begun.email)
        _post(world, raw)
        _post(world, raw)
        assert _spared(world, begun.email) is None, "a replay counts nothing"


def test_nothing_else_that_comes_to_a_return_path_does_anything(world: World) -> None:
    begun = waiting(world, "leurre")
    path = _path_of(world.mails_to(begun.email)[0])
    other = path.replace(path[9], "b" if path[9] == "a" else "a", 1)
    for raw in (
        failed(path, action="delayed", status="4.4.1"),
        failed(other),
        failed("bounces@trousseau.example"),
        plain(path, "Absence", "Je suis absent."),
        b"rubbish",
        b"",
    ):
        assert _post(world, raw).status_code == 200, "a provider has nothing to learn"
    assert _state(world, begun.email) == ["accepted"]
    assert _spared(world, begun.email) is None
    assert confirm_by_code(world, begun.page, begun.email).heading == "Ce compte est associé"


def test_a_full_mailbox_or_a_block_list_spares_no_address(world: World) -> None:
    begun = waiting(world, "pleine")
    _post(world, failed(_path_of(world.mails_to(begun.email)[0]), status="5.2.2", diagnostic="smtp; 552 full"))
    assert _state(world, begun.email) == ["bounced"]
    assert _spared(world, begun.email) is None


def test_a_return_path_is_good_for_fourteen_days(world: World) -> None:
    begun = waiting(world, "vieux")
    world.later(days=15)
    _post(world, failed(_path_of(world.mails_to(begun.email)[0])))
    assert _state(world, begun.email) == ["accepted"]


def test_a_complaint_spares_the_address_and_takes_nothing_from_the_identity(world: World) -> None:
    email, _, _ = owner(world, "plainte")
    world.later(minutes=1)
    _post(world, complaint("abuse@trousseau.example", mailed_from=_path_of(_ask_reset(world, email))))
    assert _spared(world, email) == "complaint"
    with world.application.app_context(), transaction():
        suppression.lift(email)
    assert SECRET not in reset_page(world, email).text, "the mailbox is still its owner's"


def test_a_mailbox_that_is_proved_takes_mail_again(world: World) -> None:
    begun = waiting(world, "prouvee")
    _post(world, complaint("abuse@x.example", mailed_from=_path_of(world.mails_to(begun.email)[0])))
    assert _spared(world, begun.email) == "complaint"
    assert confirm_by_code(world, begun.page, begun.email).heading == "Ce compte est associé"
    assert _spared(world, begun.email) is None


@pytest.mark.parametrize("shown", [None, "Bearer wrong", "Bearer", "Basic dGhlOnNlY3JldA==", "Bearer \xe9"])
def test_the_hook_takes_nothing_from_a_stranger(world: World, shown: str | None) -> None:
    begun = waiting(world, "etranger")
    headers = {b"Authorization": shown.encode("latin-1")} if shown is not None else {}
    raw = failed(_path_of(world.mails_to(begun.email)[0]))
    answer = httpx2.post(f"{world.base}/hooks/mail/bounces", content=raw, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert _state(world, begun.email) == ["accepted"]


def test_the_hook_takes_no_mountain(world: World) -> None:
    assert _post(world, b"x" * 200_000).status_code == 413


@pytest.mark.parametrize("missing", ["TROUSSEAU_MAIL_HOOK_SECRET", "TROUSSEAU_MAIL_BOUNCE"])
def test_there_is_no_hook_where_the_settings_name_none(
    world: World, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    secret = settings().mail_hook_secret
    monkeypatch.delenv(missing)
    settings.cache_clear()
    try:
        assert _post(world, b"", secret).status_code == 404
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_mailbox_hands_a_notice_to_the_command(world: World, postgres: EmbeddedPostgres, database: str) -> None:
    begun = waiting(world, "tuyau")
    raw = failed("undisclosed-recipients:;")
    path = _path_of(world.mails_to(begun.email)[0])
    environment = {**os.environ, "TROUSSEAU_DATABASE_URL": postgres.url(APPLICATION, database)}

    def piped(raw: bytes, *options: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        program = [sys.executable, "-c", "from broker.cli import main; main()", "mail", "bounce", *options]
        return subprocess.run(program, input=raw, env=environment | more, capture_output=True, check=False)  # noqa: S603 - our own words

    assert piped(raw).stdout == b"Nothing that counts.\n", "nobody knows to whom it came"
    down = piped(raw, "--to", path, TROUSSEAU_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:9/none")
    assert down.returncode == 75, "the server is told to come again"
    off = piped(raw, "--to", path, TROUSSEAU_MAIL_BOUNCE="")
    assert off.returncode == 75
    assert b"TROUSSEAU_MAIL_BOUNCE" in off.stderr
    assert _state(world, begun.email) == ["accepted"]
    assert piped(raw, ORIGINAL_RECIPIENT=path).stdout == b"Counted.\n"
    assert piped(raw, "--to", path).stdout == b"Nothing that counts.\n", "once"
    assert _state(world, begun.email) == ["bounced"]
    assert piped(b"\xff\xfe rubbish").returncode == 0, "no message makes a server answer it"


def test_a_notice_that_is_faster_than_our_own_record_counts_and_the_mail_stays_bounced(world: World) -> None:
    begun = waiting(world, "rapide")
    with world.smtp_down():
        world.later(minutes=2)
        begun.browser.get(begun.page.url).submit("Renvoyer le mail")
        world.work()
    with world.application.app_context():
        newest = select(Mail.id).where(Mail.recipient == begun.email).order_by(Mail.created_at.desc()).limit(1)
        mail_id: UUID | None = session().scalar(newest)
        assert mail_id is not None
        path = return_path.of_mail(mail_id)
        assert path is not None
        with transaction():
            assert service.take(failed(path)), "an answer may be lost, and the mail have left"
    clock.shift(timedelta(minutes=10))
    world.work()
    assert _state(world, begun.email)[-1] == "bounced"
    assert len(world.mails_to(begun.email)) == 1, "what came back is not sent again"
