"""What the login page says after a failure, to the letter of JOURNEYS A4, A5, A8 and B12."""

from flask_babel import gettext, ngettext

from broker.login.service import Locked, Outcome, Retired, WrongPair


def alert(outcome: Outcome) -> list[str]:
    """The sentences of the alert, for everything but a success."""
    if isinstance(outcome, WrongPair):
        return [gettext("Mot de passe invalide"), _left(outcome.left)]
    if isinstance(outcome, Retired):
        return [
            gettext(
                "Cet identifiant ne peut plus être utilisé. Connectez-vous avec l'adresse e-mail choisie lors de la "
                "mise à jour de votre compte."
            )
        ]
    if isinstance(outcome, Locked) and outcome.by_email:
        return [
            gettext(
                "Suite à un nombre élevé de tentatives de connexion infructueuses, votre compte a été verrouillé. "
                'Pour le débloquer, merci de réinitialiser votre mot de passe, en cliquant sur le lien "Mot de passe '
                'oublié"'
            )
        ]
    return [gettext("Trop de tentatives. Réessayez dans 15 minutes ou contactez votre agence.")]


def _left(count: int) -> str:
    return str(
        ngettext(
            "Il vous reste %(num)d tentative avant que votre compte ne se verrouille.",
            "Il vous reste %(num)d tentatives avant que votre compte ne se verrouille.",
            count,
        )
    )
