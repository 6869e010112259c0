"""What legacy accounts and their sources turn down."""

from config.errors import NotFound, Refusal


class IllegalTransition(Refusal):
    """The account's state does not allow that step: somebody else was first, or a caller is mistaken."""

    code = "illegal_transition"
    public = "Ce compte a changé entre-temps. Recommencez depuis votre espace client."
    status = 409


class UnusableSource(Refusal):
    """A source's kind or address that cannot be registered."""

    code = "unusable_source"
    public = "Cette source de comptes n'est pas utilisable."


class CannotReissue(Refusal):
    """This kind of source has no channel of its own to hand out a new secret."""

    code = "cannot_reissue"
    public = "Votre syndic doit émettre de nouveaux codes."
    status = 409


class TooManySecondCodes(Refusal):
    """The account has as many living second codes as one may have."""

    code = "too_many_second_codes"
    public = "Ce compte a déjà plusieurs codes en cours."
    status = 409


class NoSecondCode(NotFound):
    """There is no such code, or it is another syndic's."""


class UnusableHash(ValueError):  # noqa: N818 - an answer about a line of an export
    """A secret's hash that we will not keep; the text says why, in plain English, without the hash."""
