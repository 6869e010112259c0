"""Why a syndic cannot be registered or found."""

from config.errors import NotFound, Refusal


class UnknownSyndic(NotFound):
    """No such syndic, or not open: the page names no other."""

    code = "unknown_syndic"
    public = "Cette adresse ne correspond à aucune agence."


class BadRegistration(Refusal):
    """A registration that cannot be taken; the private text says which fields, and why."""

    code = "bad_registration"


class AlreadyRegistered(Refusal):
    """The slug is taken."""

    code = "already_registered"
    status = 409
