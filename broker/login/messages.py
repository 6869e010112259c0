"""What the login page says after a failure, to the letter of JOURNEYS A4, A5, A8 and B12."""

from flask_babel import gettext

from broker.identities import messages
from broker.identities.attempts import Slowed
from broker.login.service import Lapsed, LockedOut, Outcome, Retired, WrongPair


def alert(outcome: Outcome) -> list[str]:
    """The sentences of the alert, for everything but a success."""
    if isinstance(outcome, WrongPair):
        return messages.wrong(outcome.left)
    if isinstance(outcome, Slowed):
        return [messages.slowed(outcome)]
    if isinstance(outcome, Retired):
        return [
            gettext(
                "Cet identifiant ne peut plus être utilisé. Connectez-vous avec l'adresse e-mail choisie lors de la "
                "mise à jour de votre compte."
            )
        ]
    if isinstance(outcome, Lapsed):
        return [gettext("Ce code n'est plus valable. Demandez-en un nouveau à votre agence.")]
    if isinstance(outcome, LockedOut) and outcome.by_email:
        return [messages.locked()]
    return [gettext("Trop de tentatives. Réessayez dans 15 minutes ou contactez votre agence.")]
