"""What a page says when an address and a password are not let through, to the letter of JOURNEYS A4 and A5."""

from flask_babel import gettext, ngettext

from broker.identities.attempts import Locked, Slowed
from broker.identities.authentication import Wrong


def alert(answer: Wrong | Locked | Slowed) -> list[str]:
    """The sentences of the alert."""
    if isinstance(answer, Slowed):
        return [slowed(answer)]
    return wrong(answer.left) if isinstance(answer, Wrong) and answer.left else [locked()]


def wrong(left: int) -> list[str]:
    """A wrong pair, and the attempts that are left."""
    return [
        gettext("Mot de passe invalide"),
        str(
            ngettext(
                "Il vous reste %(num)d tentative avant que votre compte ne se verrouille.",
                "Il vous reste %(num)d tentatives avant que votre compte ne se verrouille.",
                left,
            )
        ),
    ]


def locked() -> str:
    """An address is locked: a reset opens it."""
    return str(
        gettext(
            "Suite à un nombre élevé de tentatives de connexion infructueuses, votre compte a été verrouillé. "
            'Pour le débloquer, merci de réinitialiser votre mot de passe, en cliquant sur le lien "Mot de passe '
            'oublié"'
        )
    )


def slowed(answer: Slowed) -> str:
    """Too many names have failed from the caller's network."""
    return str(
        gettext(
            "De nombreux essais ont échoué depuis votre réseau. Réessayez dans %(seconds)d secondes.",
            seconds=answer.retry_s,
        )
    )
