"""What may go wrong with second factors."""

from config.errors import Refusal


class FactorNeeded(Refusal):
    """The identity has a second factor, and only its password was shown."""

    code = "factor_needed"
    public = "Votre compte est protégé par une deuxième étape. Connectez-vous de nouveau, s'il vous plaît."
    status = 401


class CheckGone(Refusal):
    """The step began too long ago, was overtaken by a change, or belongs to another browser or place."""

    code = "factor_check_gone"
    public = "Cette étape a pris fin. Saisissez de nouveau votre adresse e-mail et votre mot de passe, s'il vous plaît."
    status = 410


class TooManyWrongCodes(Refusal):
    """Codes are not checked for a while; passkeys still are."""

    code = "factor_locked"
    public = "Trop de codes faux. Attendez 15 minutes, puis reconnectez-vous."
    status = 429


class NotAdded(Refusal):
    """The factor could not be added as it was shown."""

    code = "factor_not_added"
    public = "Votre appareil n'a pas pu créer de clé d'accès. Rien n'a changé : vous pouvez recommencer."


class TooManyPasskeys(Refusal):
    """There is a limit to what one page can show."""

    code = "too_many_passkeys"
    public = "Vous avez déjà dix clés d'accès. Retirez-en une avant d'en ajouter une autre."
    status = 409
