"""A change of address whose mail is refused: said to the browser that asked, and to nobody else."""

import re

from tests.browser import Browser, Page
from tests.journeys.owner import ask_change, confirmed, owner
from tests.workers.post_office import PostOffice
from tests.world import World
from workers.mail import transport

REFUSED = "Votre adresse a été refusée. Corrigez-la."


def _asked(world: World, browser: Browser, new: str, reply: str) -> Page:
    """« Changer d'adresse e-mail » at a time when the mail server answers so."""
    with PostOffice() as office, world.smtp_at(office.url):
        office.to_recipient = reply
        page = ask_change(world, browser, new)
        transport.courier(office.url).close()
    return browser.get(page.url)


def test_a_refused_new_address_is_said_and_another_one_can_be_typed(world: World) -> None:
    old, syndic, browser = owner(world, "refusee")
    page = _asked(world, browser, f"faux@{syndic.slug}.example", "550 5.1.1 no such user")
    assert REFUSED in page.alert
    assert f"faux@{syndic.slug}.example" in page.alert
    right = f"vrai@{syndic.slug}.example"
    page = page.follow("Saisir une autre adresse").submit("Continuer", **{"Nouvelle adresse e-mail": right})
    world.work()
    page = browser.get(page.url)
    assert REFUSED not in page.text
    assert "Nous avons envoyé un mail" in page.text
    done = page.submit("Valider", **{"Code reçu par e-mail": world.mailed_code(right)})
    assert done.heading == "Votre adresse e-mail a changé"
    assert not world.mails_to(f"faux@{syndic.slug}.example")
    assert old


def test_a_server_that_wants_to_wait_is_said_so(world: World) -> None:
    _, syndic, browser = owner(world, "lente")
    page = _asked(world, browser, f"lent@{syndic.slug}.example", "451 4.3.0 later")
    assert "Votre messagerie nous fait patienter" in page.text
    world.later(minutes=1)
    world.work()
    assert "Nous avons envoyé un mail" in browser.get(page.url).text


def test_a_refusal_says_nothing_of_who_has_the_address(world: World) -> None:
    taken, syndic, _ = owner(world, "occupee")
    _, _, browser = owner(world, "curieuse")
    said = []
    for email in (taken, f"libre@{syndic.slug}.example"):
        text = _asked(world, browser, email, "550 5.1.1 no such user").response.text.replace(email, "X")
        kept = [line for line in text.splitlines() if "csrf_token" not in line and "nonce=" not in line]
        said.append(re.sub(r"\d\d:\d\d", "…", "\n".join(kept)))
    assert REFUSED in said[0]
    assert said[0] == said[1]


def test_the_page_refreshes_without_a_script_until_it_is_told_to_stop(world: World) -> None:
    _, syndic, browser = owner(world, "calme")
    page = ask_change(world, browser, f"calme-nouveau@{syndic.slug}.example")
    assert 'http-equiv="refresh"' in page.response.text
    stopped = page.follow("Arrêter l'actualisation pour saisir le code")
    assert 'http-equiv="refresh"' not in stopped.response.text
    assert confirmed(browser, f"{world.base}/account/address").heading == "Changer d'adresse e-mail"
