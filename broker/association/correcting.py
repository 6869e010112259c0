"""« Corriger l'adresse »: another address in place of a mistyped one."""

from broker.association import mailing, service
from broker.association.models import Association
from broker.association.refusals import WrongOrder
from broker.identities.emails import Address


def correct(attempt: Association, address: Address, network: str) -> None:
    """Take another address: the links and codes of the former die, a new mail goes out. The same one changes nothing.

    Raises:
        WrongOrder: no mail has been asked for yet.
        TooManyMails: as for « Renvoyer le mail ».
    """
    if attempt.state != "waiting":
        raise WrongOrder("the terms are not accepted yet")
    if attempt.email == address.canonical:
        return
    service.choose_address(attempt, address)
    attempt.tries = 0
    mailing.send_another(attempt, network)
