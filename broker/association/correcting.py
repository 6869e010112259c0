"""« Corriger l'adresse » and « Utiliser une autre adresse »: another one in place of a mistyped or a refused one."""

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


def start_over(attempt: Association) -> None:
    """Go back to the choice of a password, for another address: the one that was typed was meant for the former's own.

    Nobody sees it but the owner: the account still waits, its sign-in is still let in, the accepted terms are kept.
    """
    attempt.state, attempt.password_hash, attempt.tries = "draft", None, 0
