"""Valid requests of « Mon compte »."""

from collections.abc import Callable
from datetime import timedelta

from bs4 import BeautifulSoup

from config import clock
from tests.journeys.steps import PASSWORD
from tests.security.making import get, valid, with_forms
from tests.security.stage import Stage, pairs
from tests.security.wire import Pair, Wire

Cookies = tuple[Pair, ...]
Who = Callable[[Stage], Cookies]


def owner(stage: Stage) -> Cookies:
    """The person of « Mon compte », with the password typed again."""
    return stage.person.signed_in()


def with_app(stage: Stage) -> Cookies:
    """The same with an authenticator app, shown in this session."""
    return stage.person.with_app()


def leaving(stage: Stage) -> Cookies:
    """The same with an erasure under way."""
    return stage.person.signed_in(erase_at=clock.now() + timedelta(days=29))


def recovered(stage: Stage) -> Cookies:
    """The same after a recovery."""
    return stage.person.signed_in(review_due=True)


def opened(endpoint: str, path: str, who: Who = owner, **query: str) -> None:
    """Register a page."""
    valid(endpoint)(lambda stage: Wire("GET", path, pairs(**query), cookies=who(stage)))


def sent(endpoint: str, path: str, who: Who = owner, **form: str) -> None:
    """Register a form."""
    valid(endpoint)(lambda stage: _sent(stage, path, who(stage), **form))


def _sent(stage: Stage, path: str, cookies: Cookies, **form: str) -> Wire:
    given = pairs(csrf_token=stage.csrf, **form)
    return Wire("POST", path, pairs(next="/account/history"), given, cookies=with_forms(stage, cookies))


get("account.index", "/account/", who="signed_in")
get("account.accounts", "/account/accounts", who="signed_in", iss="issuer", account="id")
opened("manage.page", "/account/accounts/manage", q="appt", done="default")
get("account.evidence", "/account/evidence", who="signed_in")
get("account.evidence_file", "/account/evidence/file", who="signed_in")
opened("account.opening_default", "/account/opening")
opened("account.again", "/account/again", next="/account/password")
sent("account.again", "/account/again", password=PASSWORD)
opened("security.index", "/account/security", with_app)
opened("security.passkey", "/account/security/passkey")
sent("security.passkey_options", "/account/security/passkey/options")
opened("security.app", "/account/security/app")
opened("security.app", "/account/security/app", lambda stage: stage.person.enrolling()[0])
sent("security.app", "/account/security/app", action="begin")
opened("security.codes", "/account/security/codes", with_app)
sent("security.codes", "/account/security/codes", with_app)
opened("security.remove", "/account/security/remove/app", with_app)
sent("security.remove", "/account/security/remove/app", with_app)
opened("account.profile_page", "/account/profile", saved="1")
opened("account.menu_page", "/account/menu", saved="1")
sent("account.menu", "/account/menu", shown="agence", was_shown="autre")
opened("account.password", "/account/password")
sent("account.password", "/account/password", password="nuage-girafe-bouton-soleil", action="keep")
sent("account.password", "/account/password", action="propose")
opened("account.password_changed", "/account/password/changed")
opened("account.devices", "/account/devices", done="ended")
sent("account.end_everywhere", "/account/devices/end-everywhere")
opened("address.page", "/account/address")
opened("address.code_page", "/account/address/code", lambda stage: stage.person.changing().cookies)
opened("address.done", "/account/address/done")
opened("data.page", "/account/data", leaving)
opened("data.file", "/account/data/file", with_app)
opened("erasure.page", "/account/erasure")
sent("erasure.ask", "/account/erasure")
opened("erasure.coming", "/account/erasure/coming", leaving, next="/account/accounts")
sent("erasure.cancel", "/account/erasure/cancel", leaving)
opened("review.page", "/account/review", recovered, next="/account/accounts")
sent("review.done", "/account/review", recovered)


def _managed(endpoint: str, path: str, *, ended: bool = False, **form: str) -> None:
    """Register a page of one account, or (with what it sends) its form."""

    def make(stage: Stage) -> Wire:
        cookies, handle = stage.person.managing(ended=ended)
        return (
            _sent(stage, path.format(handle), cookies, **form)
            if form
            else Wire("GET", path.format(handle), cookies=cookies)
        )

    valid(endpoint)(make)


_managed("manage.rename_page", "/account/accounts/{}/rename")
_managed("manage.rename", "/account/accounts/{}/rename", name="Garage")
_managed("manage.detach_page", "/account/accounts/{}/detach")
_managed("manage.detach", "/account/accounts/{}/detach", sure="yes")
_managed("manage.detached", "/account/accounts/{}/detached", ended=True)


@valid("manage.choose_default")
def choose_default(stage: Stage) -> Wire:
    """« Choisir par défaut »."""
    cookies, handle = stage.person.managing()
    return _sent(stage, "/account/accounts/default", cookies, account=handle)


@valid("account.open")
def open_account(stage: Stage) -> Wire:
    """On to its extranet."""
    cookies, handle = stage.person.opening()
    return Wire("GET", f"/account/open/{handle}", cookies=cookies)


@valid("security.confirm")
def confirm(stage: Stage) -> Wire:
    """The question, in a session that has shown no factor."""
    asked = stage.person.asked_in_the_session()
    return Wire("GET", "/account/security/confirm", pairs(next="/account/security/codes"), cookies=asked.cookies)


@valid("security.confirm")
def confirm_by_app(stage: Stage) -> Wire:
    """Its answer."""
    asked = stage.person.asked_in_the_session()
    return _sent(stage, "/account/security/confirm", asked.cookies, code=asked.code)


@valid("security.confirm")
def confirm_by_passkey(stage: Stage) -> Wire:
    """Its answer by an authenticator."""
    asked = stage.person.asked_in_the_session()
    return _sent(stage, "/account/security/confirm", asked.cookies, passkey=asked.passkey)


@valid("security.confirm_options")
def confirm_options(stage: Stage) -> Wire:
    """A challenge."""
    return _sent(stage, "/account/security/confirm/options", stage.person.asked_in_the_session().cookies)


@valid("security.passkey")
def passkey(stage: Stage) -> Wire:
    """What the authenticator has made."""
    cookies, answer = stage.person.creating_a_passkey()
    return _sent(stage, "/account/security/passkey", cookies, passkey=answer, name="Téléphone de Jeanne")


@valid("security.app")
def app(stage: Stage) -> Wire:
    """A first code."""
    cookies, code = stage.person.enrolling()
    return _sent(stage, "/account/security/app", cookies, action="confirm", code=code)


@valid("account.profile")
def profile(stage: Stage) -> Wire:
    """Changed in everything, and shown to the syndic."""
    shown = {"shown_given_name": "", "shown_family_name": "", "shown_locale": "fr", "shown_civility": ""}
    typed = {"given_name": "Jeanne", "family_name": "Dupont", "phone": "0474000000", "locale": "en", "civility": "mme"}
    ticks = {f"sees.{stage.syndic.slug}.name": "on", f"saw.{stage.syndic.slug}.email": "on"}
    return _sent(stage, "/account/profile", owner(stage), **shown, **typed, **ticks)


@valid("account.end_session")
def end_session(stage: Stage) -> Wire:
    """In another browser."""
    cookies, handle = stage.person.elsewhere()
    return _sent(stage, "/account/devices/end", cookies, session=handle)


@valid("account.forget_device")
def forget_device(stage: Stage) -> Wire:
    """Another browser."""
    cookies, handle = stage.person.known_elsewhere()
    return _sent(stage, "/account/devices/forget", cookies, device=handle)


@valid("account.history")
def history(stage: Stage) -> Wire:
    """Its second page."""
    cookies = stage.person.journalled()
    first = stage.send(Wire("GET", "/account/history", cookies=cookies))
    older = BeautifulSoup(first.body, "html.parser").select_one("a[href*='before=']")
    assert older is not None, first.text[:500]
    before = str(older["href"]).partition("before=")[2]
    return Wire("GET", "/account/history", pairs(before=before), cookies=cookies)


@valid("address.ask")
def address_ask(stage: Stage) -> Wire:
    """Another address."""
    return _sent(stage, "/account/address", owner(stage), email=stage.person.new_email, keep=stage.person.new_email)


@valid("address.code")
def address_code(stage: Stage) -> Wire:
    """The mail's code."""
    changing = stage.person.changing()
    return _sent(stage, "/account/address/code", changing.cookies, code=changing.code)


@valid("address.link_page")
def address_link_page(stage: Stage) -> Wire:
    """The mail's link."""
    return Wire("GET", f"/account/address/confirm/{stage.person.changing().token}")


@valid("address.link")
def address_link(stage: Stage) -> Wire:
    """Its form, on another device."""
    path = f"/account/address/confirm/{stage.person.changing().token}"
    return _sent(stage, path, (), email=stage.person.new_email, password=PASSWORD)


@valid("revert.page")
def revert_page(stage: Stage) -> Wire:
    """The link of the mail to the former address."""
    return Wire("GET", f"/account/address/revert/{stage.person.changed().token}")


@valid("revert.page")
def reverted_page(stage: Stage) -> Wire:
    """The same once the change was taken back."""
    return Wire("GET", f"/account/address/revert/{stage.person.changed(reverted=True).token}")


@valid("revert.take_back")
def take_back(stage: Stage) -> Wire:
    """The code of that mail."""
    changed = stage.person.changed()
    return _sent(stage, f"/account/address/revert/{changed.token}", (), code=changed.code)


@valid("revert.regain")
def regain(stage: Stage) -> Wire:
    """A new password, of a person whose factor is older than the change."""
    path = f"/account/address/revert/{stage.person.changed(reverted=True).token}/regain"
    return _sent(stage, path, (), password="nuage-girafe-bouton-soleil", identifier="", secret="")


@valid("revert.regain")
def regain_by_a_printed_code(stage: Stage) -> Wire:
    """With a second proof, which is a retired one."""
    path, account = (
        f"/account/address/revert/{stage.person.changed(reverted=True).token}/regain",
        stage.syndic.accounts[7],
    )
    form = {"identifier": account.identifier, "secret": account.password}
    return _sent(stage, path, (), password="nuage-girafe-bouton-soleil", **form)
