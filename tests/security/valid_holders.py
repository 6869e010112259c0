"""Valid requests of invitations, on both sides, and of an account's holders."""

from tests.security import inviting
from tests.security.making import valid, with_forms
from tests.security.stage import Stage, pairs
from tests.security.wire import Pair, Wire

Cookies = tuple[Pair, ...]
PASSWORD = "nuage-girafe-bouton-soleil"


def _sent(stage: Stage, path: str, cookies: Cookies, **form: str) -> Wire:
    given = pairs(csrf_token=stage.csrf, **form)
    return Wire("POST", path, pairs(next="/account/history"), given, cookies=with_forms(stage, cookies))


@valid("invitation.page")
def link_page(stage: Stage) -> Wire:
    """The mail's link."""
    return Wire("GET", f"/invitation/{inviting.invitation(stage).token}", pairs(lang="fr"))


@valid("invitation.prove")
def prove(stage: Stage) -> Wire:
    """Its form."""
    invited = inviting.invitation(stage)
    return _sent(stage, f"/invitation/{invited.token}", (), email=invited.email, code=inviting.CODE)


@valid("invitation.person")
def person_page(stage: Stage) -> Wire:
    """Who they are."""
    return Wire("GET", "/invitation/person", pairs(lang="fr"), cookies=inviting.begun(stage)[0])


@valid("invitation.person")
def person(stage: Stage) -> Wire:
    """With a password of their own."""
    told = {"given_name": "Paul", "family_name": "Dupont", "civility": "mme", "phone": "0474000000", "locale": "fr"}
    return _sent(stage, "/invitation/person", inviting.begun(stage)[0], password=PASSWORD, action="continue", **told)


@valid("invitation.terms_page")
def terms_page(stage: Stage) -> Wire:
    """The terms."""
    return Wire("GET", "/invitation/terms", pairs(lang="fr"), cookies=inviting.begun(stage, chosen=True)[0])


@valid("invitation.terms")
def terms(stage: Stage) -> Wire:
    """Accepted."""
    cookies, shown = inviting.begun(stage, chosen=True)
    return _sent(stage, "/invitation/terms", cookies, accept="on", shown=shown)


@valid("invitation.terms_print")
def terms_print(stage: Stage) -> Wire:
    """The same text."""
    return Wire("GET", "/invitation/terms/print", pairs(lang="fr"), cookies=inviting.begun(stage, chosen=True)[0])


@valid("holders.page")
def holders_page(stage: Stage) -> Wire:
    """Who holds the account."""
    cookies, account = inviting.account(stage)
    return Wire("GET", f"/account/holders/{account}", pairs(done="removed"), cookies=cookies)


@valid("holders.invite")
def invite_page(stage: Stage) -> Wire:
    """The form."""
    cookies, account = inviting.account(stage)
    return Wire("GET", f"/account/holders/{account}/invite", pairs(lang="fr"), cookies=cookies)


@valid("holders.invite")
def invite(stage: Stage) -> Wire:
    """Sent."""
    cookies, account = inviting.account(stage)
    email = inviting.address(stage)
    return _sent(stage, f"/account/holders/{account}/invite", cookies, name="Paul", email=email, keep=email)


@valid("holders.invitation")
def invitation_page(stage: Stage) -> Wire:
    """The code."""
    invited = inviting.invitation(stage)
    path = f"/account/holders/{invited.account}/invitation/{invited.which}"
    return Wire("GET", path, pairs(lang="fr"), cookies=invited.cookies)


@valid("holders.invitation")
def withdraw(stage: Stage) -> Wire:
    """« Annuler l'invitation »."""
    invited = inviting.invitation(stage)
    return _sent(stage, f"/account/holders/{invited.account}/invitation/{invited.which}", invited.cookies)


@valid("holders.remove")
def remove_page(stage: Stage) -> Wire:
    """The question."""
    cookies, account, guest = inviting.guest(stage)
    return Wire("GET", f"/account/holders/{account}/guest/{guest}", pairs(lang="fr"), cookies=cookies)


@valid("holders.remove")
def remove(stage: Stage) -> Wire:
    """« Retirer »."""
    cookies, account, guest = inviting.guest(stage)
    return _sent(stage, f"/account/holders/{account}/guest/{guest}", cookies)
