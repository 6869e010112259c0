"""Why a change of address cannot go on, each with what to do next."""

from config.errors import Refusal


class ChangeVoid(Refusal):
    """There is no such change, or it is over: expired, overtaken, used. All answer alike."""

    code = "change_void"
    public = (
        "Ce changement d'adresse n'est plus valable. Votre adresse n'a pas changé : vous pouvez recommencer depuis "
        "« Changer d'adresse e-mail »."
    )
    status = 410


class TooManyChanges(Refusal):
    """Mail is not a weapon (SECURITY R15)."""

    code = "too_many_changes"
    public = "Vous avez demandé plusieurs changements d'adresse aujourd'hui. Réessayez demain."
    status = 429


class AccountLocked(Refusal):
    """A lock stands on the address (SECURITY R4): first the owner unlocks it."""

    code = "account_locked"
    public = (
        "Votre compte est verrouillé après plusieurs mots de passe erronés. Débloquez-le avec « Mot de passe "
        "oublié ? », puis changez d'adresse."
    )
    status = 409


class AddressTaken(Refusal):
    """Said only to whoever has proved the mailbox: somebody was faster."""

    code = "address_taken"
    public = (
        "Cette adresse est déjà utilisée par un autre compte. Votre adresse n'a pas changé : choisissez-en une autre."
    )
    status = 409


class RevertVoid(Refusal):
    """The former address has no say (any more)."""

    code = "revert_void"
    public = (
        "Ce lien n'est plus valable : il l'était pendant 7 jours, ou il a déjà servi. Si votre adresse a changé sans "
        "vous, contactez votre agence."
    )
    status = 410


class TriesUsed(Refusal):
    """Five codes a day."""

    code = "revert_tries"
    public = "Trop de codes erronés aujourd'hui. Réessayez demain, avec le code du mail."
    status = 429
