"""Why an account cannot be chosen or renamed any more."""

from config.errors import Refusal


class Detached(Refusal):
    """The link has ended: in another tab, or because an agency or another person ended it."""

    code = "detached"
    public = "Ce compte n'est plus rattaché à votre adresse. Revenez à « Mes comptes » pour voir les autres."
    status = 410


class NotOpen(Refusal):
    """The link is suspended: nothing opens it."""

    code = "not_open"
    public = "L'accès à ce compte est suspendu : il ne peut pas s'ouvrir par défaut. Appelez votre agence."
    status = 409
