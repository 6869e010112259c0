"""What onboarding turns down."""

from config.errors import Refusal


class NotAnExport(Refusal):
    """The file as a whole cannot be read; the private text tells the operator why and what to do."""

    code = "not_an_export"
    public = "Ce fichier n'est pas un export CSV lisible."


class LineRejected(ValueError):  # noqa: N818 - an answer about one line
    """One line cannot be kept; the text says why, in plain English, without repeating secrets."""
