"""« Ce n'est pas moi », as the address that the syndic knew walks it."""

from tests.browser import Browser, Page
from tests.journeys.association.beginnings import CONTEST, known_address
from tests.journeys.holders.inviting import EIGHT, Holder
from tests.world import World


def asked(world: World, inviter: Holder, number: int = 0) -> Page:
    """The question of the known address; `number` counts its mails with a contest, the oldest first."""
    mails = [mail for mail in world.mails_to(known_address(inviter.account)) if "/contest/" in mail.text]
    mail = mails[::-1][number]
    link, code = CONTEST.search(mail.text), EIGHT.search(mail.text)
    assert link, "the mail has a link"
    assert code, "the mail has a code"
    return Browser().get(link.group()).submit("Continuer", **{"Code reçu par e-mail": "".join(code.groups())})
