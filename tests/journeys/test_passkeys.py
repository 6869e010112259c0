"""Passkeys without a screen: an authenticator in software, honest and not."""

import json

from tests.authenticator import Authenticator
from tests.broker.oidc.owners import owner
from tests.browser import Arrived, Browser
from tests.journeys.factors import (
    CODES,
    CONFIRM,
    asked,
    confirmed,
    enrol_app,
    enrol_passkey,
    options,
    security,
    send_passkey,
    show_app,
    show_recovery,
)
from tests.journeys.steps import PASSWORD, legacy_sign_in, until_waiting
from tests.world import World

NOT_KNOWN = "Votre clé d'accès n'a pas été reconnue"
ADD = "Ajouter une clé d'accès"


def test_a_passkey_with_its_users_finger_is_phishing_resistant(world: World) -> None:
    person = owner(world)
    key = enrol_passkey(world, person.browser)
    party, page = asked(person.syndic, person.email)
    assert page.heading == CONFIRM
    claims = party.complete(send_passkey(page, key.get(options(page)))).id_claims
    assert (claims["acr"], claims["amr"]) == ("phr", ["pwd", "hwk", "user", "mfa"])


def test_a_synced_passkey_and_one_that_verifies_nobody_are_told_as_such(world: World) -> None:
    person = owner(world)
    synced = enrol_passkey(world, person.browser, synced=True)
    blind = enrol_passkey(world, person.browser, verifies=False)
    for key, said in (
        (synced, ("phr", ["pwd", "swk", "user", "mfa"])),
        (blind, ("mfa", ["pwd", "hwk", "user", "mfa"])),
    ):
        party, page = asked(person.syndic, person.email)
        claims = party.complete(send_passkey(page, key.get(options(page)))).id_claims
        assert (claims["acr"], claims["amr"]) == said


def test_passkeys_are_listed_by_the_names_that_their_owner_gave(world: World) -> None:
    person = owner(world)
    enrol_passkey(world, person.browser, "Téléphone de Jeanne")
    enrol_passkey(world, person.browser, "  <b>Ordinateur</b>  " + "x" * 200)
    page = security(world, person.browser)
    assert "Téléphone de Jeanne" in page.text
    assert "<b>Ordinateur</b>" in page.text, "a name is text and nothing else"
    assert "x" * 100 not in page.text
    world.work()
    assert "ajoutée" in world.mails_to(person.email)[0].text


def test_what_a_browser_is_told_when_it_makes_a_passkey(world: World) -> None:
    person = owner(world)
    known = enrol_passkey(world, person.browser)
    told = options(confirmed(security(world, person.browser).follow(ADD)))
    assert told["attestation"] == "none", "nobody's model of telephone is asked for"
    assert told["authenticatorSelection"]["residentKey"] == "preferred"
    assert told["authenticatorSelection"]["userVerification"] == "preferred"
    assert [each["id"] for each in told["excludeCredentials"]] == [json.loads(known.get({"challenge": ""}))["id"]]
    assert person.email not in json.dumps(told["user"]["id"]), "the user handle is no address"


def test_a_challenge_is_answered_once(world: World) -> None:
    person = owner(world)
    key = enrol_passkey(world, person.browser)
    _, page = asked(person.syndic, person.email)
    given = options(page)
    assert send_passkey(page, Authenticator(world.base, "127.0.0.1").get(given)).heading == CONFIRM
    page = send_passkey(page, key.get(given))
    assert NOT_KNOWN in page.alert, "a challenge that was answered, even wrongly, is used"
    assert isinstance(send_passkey(page, key.get(options(page))), Arrived)


def test_an_answer_is_of_no_use_in_another_sign_in(world: World) -> None:
    person = owner(world)
    key = enrol_passkey(world, person.browser)
    _, page = asked(person.syndic, person.email)
    _, other = asked(person.syndic, person.email)
    answer = key.get(options(page))
    options(other)
    assert NOT_KNOWN in send_passkey(other, answer).alert, "the challenge is of one browser's sign-in"
    assert isinstance(send_passkey(page, answer), Arrived)


def test_a_challenge_lives_for_minutes(world: World) -> None:
    person = owner(world)
    key = enrol_passkey(world, person.browser)
    _, page = asked(person.syndic, person.email)
    given = options(page)
    world.later(minutes=6)
    assert NOT_KNOWN in send_passkey(page, key.get(given)).alert


def test_other_origins_parties_and_keys_are_refused(world: World) -> None:
    person, stranger = owner(world), owner(world)
    key = enrol_passkey(world, person.browser)
    theirs = enrol_passkey(world, stranger.browser)
    _, page = asked(person.syndic, person.email)
    honest = dict(vars(key))
    for change in ({"origin": "http://127.0.0.1"}, {"origin": "https://evil.example"}, {"rp_id": "evil.example"}):
        forged = Authenticator(**{**honest, **change})
        page = send_passkey(page, forged.get(options(page)))
        assert NOT_KNOWN in page.alert, f"{change} was taken"
    impostor = Authenticator(world.base, "127.0.0.1", credential_id=key.credential_id)
    page = send_passkey(page, impostor.get(options(page)))
    assert NOT_KNOWN in page.alert, "another key under the same id was taken"
    page = send_passkey(page, theirs.get(options(page)))
    assert NOT_KNOWN in page.alert, "another person's passkey was taken"
    page = send_passkey(page, key.get(options(page), userHandle=theirs.user))
    assert NOT_KNOWN in page.alert, "an answer in another person's name was taken"
    assert isinstance(send_passkey(page, key.get(options(page))), Arrived)


def test_what_is_no_answer_at_all_is_refused_calmly(world: World) -> None:
    person = owner(world)
    key = enrol_passkey(world, person.browser)
    _, page = asked(person.syndic, person.email)
    whole = json.loads(key.get(options(page)))
    odd = [
        "x",
        "{}",
        "[]",
        "null",
        '{"id": 1}',
        json.dumps({**whole, "rawId": "AAAA"}),
        json.dumps({**whole, "response": {}}),
    ]
    odd += [json.dumps({**whole, "response": {**whole["response"], name: "%%%"}}) for name in whole["response"]]
    for answer in odd:
        page = send_passkey(page, answer)
        assert page.heading == CONFIRM, f"{answer[:60]} gave {page.status}"
        assert NOT_KNOWN in page.alert


def test_a_copied_passkey_is_noticed_and_its_owner_told(world: World) -> None:
    person = owner(world)
    key = enrol_passkey(world, person.browser)
    copy = Authenticator(**vars(key))
    for _ in range(3):
        _, page = asked(person.syndic, person.email)
        assert isinstance(send_passkey(page, key.get(options(page))), Arrived)
    _, page = asked(person.syndic, person.email)
    page = send_passkey(page, copy.get(options(page)))
    assert NOT_KNOWN in page.alert, "a counter that goes backwards is a copy (WebAuthn section 6.1.1)"
    world.work()
    assert "copie" in world.mails_to(person.email)[0].text


def test_an_authenticator_without_a_counter_is_no_copy(world: World) -> None:
    person = owner(world)
    key = enrol_passkey(world, person.browser, counts=False)
    for _ in range(2):
        _, page = asked(person.syndic, person.email)
        assert isinstance(send_passkey(page, key.get(options(page))), Arrived)


def test_a_passkey_is_added_by_an_honest_answer_to_this_sessions_challenge_only(world: World) -> None:
    person, stranger = owner(world), owner(world)
    page = confirmed(security(world, person.browser).follow(ADD))
    theirs = confirmed(security(world, stranger.browser).follow(ADD))
    made = Authenticator(world.base, "127.0.0.1")
    answer = made.create(options(page))
    assert "n'a pas pu créer" in send_passkey(theirs, answer, "x").alert, "another session's challenge was taken"
    elsewhere = Authenticator("https://evil.example", "127.0.0.1")
    assert "n'a pas pu créer" in send_passkey(page, elsewhere.create(options(page)), "x").alert
    assert "n'a pas pu créer" in send_passkey(page, answer, "x").alert, "a challenge is answered once"
    for odd in ("", "x", "{}", "null"):
        assert "n'a pas pu créer" in send_passkey(page, odd, "x").alert
    assert isinstance(asked(person.syndic, person.email)[1], Arrived), "nothing was enrolled"
    assert send_passkey(page, made.create(options(page)), "Mon ordinateur").heading == CODES
    page = confirmed(security(world, stranger.browser).follow(ADD))
    assert "n'a pas pu créer" in send_passkey(page, made.create(options(page)), "x").alert, "one key, one person"


def test_an_owner_with_a_passkey_only_has_recovery_codes_without_a_script(world: World) -> None:
    person = owner(world)
    page = confirmed(security(world, person.browser).follow(ADD))
    made = Authenticator(world.base, "127.0.0.1")
    page = send_passkey(page, made.create(options(page)), "Clé")
    code = page.soup.select(".recovery-codes code")[0].get_text()
    _, page = asked(person.syndic, person.email)
    assert page.soup.select_one("[data-passkey-unable]") is not None, "the page says that this needs JavaScript"
    assert isinstance(show_recovery(page, code), Arrived)


def test_wrong_codes_do_not_shut_out_the_passkey(world: World) -> None:
    person = owner(world)
    app, _ = enrol_app(world, person.browser)
    key = enrol_passkey(world, person.browser)
    _, page = asked(person.syndic, person.email)
    for _ in range(5):
        page = show_app(page, app.wrong)
    assert page.status == 429
    _, page = asked(person.syndic, person.email)
    assert isinstance(send_passkey(page, key.get(options(page))), Arrived)


def test_an_association_takes_a_passkey_too(world: World) -> None:
    person = owner(world)
    key = enrol_passkey(world, person.browser)
    _, page = legacy_sign_in(Browser(), person.syndic, person.syndic.accounts[1], acr_values="password", prompt="login")
    until_waiting(page, person.email)
    world.work()
    page = Browser().get(world.mailed_link(person.email))
    page = page.submit("Connexion", **{"Adresse e-mail": person.email, "Mot de passe": PASSWORD})
    page = send_passkey(page, key.get(options(page)))
    assert page.submit("Confirmer").heading == "Ce compte est associé"


def test_a_removed_passkey_signs_in_no_more(world: World) -> None:
    person = owner(world)
    key, kept = enrol_passkey(world, person.browser, "Ancien"), enrol_passkey(world, person.browser, "Nouveau")
    page = security(world, person.browser).follow("Retirer")
    assert "Ancien" in page.text
    page = page.submit("Retirer")
    assert "Ancien" not in page.text
    _, page = asked(person.syndic, person.email)
    page = send_passkey(page, key.get(options(page)))
    assert NOT_KNOWN in page.alert
    assert isinstance(send_passkey(page, kept.get(options(page))), Arrived)


def test_another_persons_passkey_cannot_be_removed(world: World) -> None:
    person, stranger = owner(world), owner(world)
    enrol_passkey(world, person.browser)
    enrol_passkey(world, stranger.browser)
    theirs = security(world, stranger.browser).link("Retirer")["href"]
    assert person.browser.get(f"{world.base}{theirs}").status == 404
    own = security(world, person.browser).follow("Retirer")
    token = str(own.soup.select("[name=csrf_token]")[0]["value"])
    assert person.browser.post(f"{world.base}{theirs}", {"csrf_token": token}).status == 404
    assert "Téléphone" in security(world, stranger.browser).text
