"""What the waiting page says of a mail that is refused, kept waiting or lost on the way (JOURNEYS B6)."""

import re
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from sqlalchemy import delete, select

from config.database import session, transaction
from config.mail.models import Mail
from config.mail.service import TOPIC
from config.outbox import Promise
from tests.browser import Browser, Page
from tests.journeys.association.beginnings import PAST, REQUIRED
from tests.journeys.owner import owner
from tests.journeys.steps import confirm_by_code, legacy_sign_in, until_waiting
from tests.relying_party import RelyingParty
from tests.workers.post_office import PostOffice
from tests.world import CODE, LINK, TestSyndic, World
from workers.mail import transport

REFUSED = "Votre adresse a été refusée. Corrigez-la."
LATER = "Votre messagerie nous fait patienter"


@pytest.fixture
def office(world: World) -> Iterator[PostOffice]:
    """A mail server that answers as it is told, in place of the inbox; it gets this test's mails only."""
    with world.application.app_context(), transaction() as work:
        work.execute(delete(Promise).where(Promise.topic == TOPIC, Promise.done_at.is_(None)))
    with PostOffice() as opened, world.smtp_at(opened.url):
        yield opened
        transport.courier(opened.url).close()


def _waiting(world: World, syndic: TestSyndic, email: str, number: int = 0) -> tuple[RelyingParty, Page]:
    party, page = legacy_sign_in(Browser(), syndic, syndic.accounts[number])
    page = until_waiting(page, email)
    world.work()
    return party, page.browser.get(page.url)


@pytest.mark.parametrize("stage", ["to_recipient", "to_text"])
def test_a_refused_address_is_said_in_its_browser_and_corrected_there(
    world: World, office: PostOffice, stage: str
) -> None:
    syndic = world.syndic(**REQUIRED)
    wrong, right = f"faute@{syndic.slug}.example", f"juste@{syndic.slug}.example"
    setattr(office, stage, "550 5.1.1 no such user")
    _, page = _waiting(world, syndic, wrong)
    assert REFUSED in page.alert
    assert wrong in page.alert, "which address it was"
    assert page.heading == "Vous êtes maintenant connecté"
    assert page.has("a", "Accéder à mon espace client"), "the owner is in all the same"
    setattr(office, stage, "")
    page = page.follow("Corriger l'adresse").submit("Continuer", **{"Adresse e-mail": right})
    world.work()
    page = page.browser.get(page.url)
    assert REFUSED not in page.text
    assert "Nous avons envoyé un mail" in page.text
    code = CODE.search(_text(office.messages[-1]))
    assert code is not None
    done = page.submit("Valider", **{"Code reçu par e-mail": "".join(code.groups())}).submit("Confirmer")
    assert done.heading == "Ce compte est associé"


def test_past_the_deadline_a_refused_address_still_lets_its_owner_in(world: World, office: PostOffice) -> None:
    office.to_recipient = "550 5.1.1 no such user"
    syndic = world.syndic(**PAST)
    party, page = _waiting(world, syndic, f"dehors@{syndic.slug}.example")
    assert REFUSED in page.alert
    assert party.complete(page.follow("Accéder à mon espace client")).id_claims["acr"] == "legacy"


def test_a_refusal_says_the_same_whether_or_not_the_address_has_an_identity(world: World) -> None:
    known, syndic, _ = owner(world, "connue", world.syndic(accounts=3, **REQUIRED))
    said = []
    with PostOffice() as office, world.smtp_at(office.url):
        office.to_recipient = "550 5.1.1 no such user"
        for number, email in ((1, known), (2, f"inconnue@{syndic.slug}.example")):
            _, page = _waiting(world, syndic, email, number)
            said.append(_without_tokens(page.response.text.replace(email, "X")))
        transport.courier(office.url).close()
    assert said[0] == said[1]


def _without_tokens(text: str) -> str:
    kept = [line for line in text.splitlines() if "csrf_token" not in line and "nonce=" not in line]
    return re.sub(r"[\w-]{43}", "…", re.sub(r'data-wait="\d+"|\d+ s\b', "…", "\n".join(kept)))


def test_nobody_else_is_told(world: World, office: PostOffice) -> None:
    syndic = world.syndic(accounts=3, **REQUIRED)
    email = f"secrete@{syndic.slug}.example"
    office.to_recipient = iter(["550 5.1.1 no such user"])
    _, page = _waiting(world, syndic, email)
    assert REFUSED in page.alert
    other, again = Browser(), Browser()
    assert REFUSED not in other.get(page.url).text, "the page belongs to the browser of the attempt"
    _, same_account = legacy_sign_in(again, syndic, syndic.accounts[0])
    assert email not in same_account.text
    assert REFUSED not in same_account.text


def test_a_server_that_wants_to_wait_is_said_so_and_the_mail_arrives_later(world: World, office: PostOffice) -> None:
    syndic = world.syndic(**REQUIRED)
    email = f"patience@{syndic.slug}.example"
    office.to_recipient = iter(["450 4.2.0 greylisted", "421 4.3.2 closing", "552 5.2.2 mailbox full"])
    _, page = _waiting(world, syndic, email)
    for _ in range(3):
        assert LATER in page.browser.get(page.url).text
        assert REFUSED not in page.text
        world.later(minutes=1)
        world.work()
    assert "Nous avons envoyé un mail" in page.browser.get(page.url).text
    assert len(office.messages) == 1


@pytest.mark.parametrize("copy", [0, 1])
def test_the_link_and_the_code_of_either_copy_work_after_a_lost_answer(
    world: World, office: PostOffice, copy: int
) -> None:
    office.to_text = iter(["lose"])
    syndic = world.syndic(**REQUIRED)
    email = f"copie{copy}@{syndic.slug}.example"
    _, page = _waiting(world, syndic, email)
    world.later(minutes=5)
    world.work()
    assert len({message["Message-ID"] for message in office.messages}) == 1, "a mailbox may keep either"
    assert len(office.messages) == 2
    text = _text(office.messages[copy])
    code = CODE.search(text)
    assert code is not None, text
    assert Browser().get(_link(text)).has("button", "Connexion"), f"copy {copy}: its link leads on"
    page = page.submit("Valider", **{"Code reçu par e-mail": "".join(code.groups())})
    assert page.submit("Confirmer").heading == "Ce compte est associé"


def test_the_link_of_either_copy_of_a_reset_works_after_a_lost_answer(world: World) -> None:
    email, _, _ = owner(world, "reset-perdu")
    world.work()
    with PostOffice() as office, world.smtp_at(office.url):
        office.to_text = iter(["lose"])
        Browser().get(f"{world.base}/forgotten").submit("Envoyer le lien", **{"Adresse e-mail": email})
        world.work()
        world.later(minutes=1)
        world.work()
        transport.courier(office.url).close()
    assert len(office.messages) == 2
    for message in office.messages:
        assert Browser().get(_link(_text(message))).has("button", "Enregistrer"), (
            "a mailbox may keep the first copy alone"
        )


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _link(text: str) -> str:
    found = LINK.search(text)
    assert found, text
    return found.group()


def test_a_mail_that_waits_for_an_address_corrected_meanwhile_is_not_sent(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    former, right = f"avant@{syndic.slug}.example", f"apres@{syndic.slug}.example"
    with world.smtp_down():
        _, page = _waiting(world, syndic, former)
        page = page.follow("Corriger l'adresse").submit("Continuer", **{"Adresse e-mail": right})
    world.later(minutes=5)
    world.work()
    assert not world.mails_to(former)
    assert len(world.mails_to(right)) == 1, "one mail, to the address that counts"
    assert confirm_by_code(world, page, right).heading == "Ce compte est associé"


def test_a_confirmed_attempt_has_an_accepted_mail_even_if_every_answer_was_lost(world: World) -> None:
    syndic = world.syndic(**REQUIRED)
    email = f"muette@{syndic.slug}.example"
    with PostOffice() as office, world.smtp_at(office.url):
        office.to_text = "lose"
        _, page = _waiting(world, syndic, email)
        code = CODE.search(_text(office.messages[0]))
        assert code is not None
        page = page.submit("Valider", **{"Code reçu par e-mail": "".join(code.groups())})
        assert page.submit("Confirmer").heading == "Ce compte est associé"
        world.later(minutes=5)
        sent = len(office.messages)
        world.work()
        assert [message["To"] for message in office.messages[sent:]].count(email) == 0, "it is not sent again"
        transport.courier(office.url).close()
    with world.application.app_context():
        states = list(session().scalars(select(Mail.state).where(Mail.recipient == email)))
    assert states[0] == "accepted", "what it carried came back: it arrived"
