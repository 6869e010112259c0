"""What the terms turn down, each with the words for the operator who asked."""

from config.errors import Refusal


class VersionTaken(Refusal):
    """That version was published in that language with another text: what people accepted never changes."""

    code = "terms_version_taken"
    public = "Cette version existe déjà avec un autre texte. Publiez une nouvelle version."
    status = 409


class Unpublishable(Refusal):
    """The version, the language or the text cannot be published as it is; `private` says why."""

    code = "terms_unpublishable"
    public = "Ces conditions ne peuvent pas être publiées telles quelles."


class NothingAccepted(Refusal):
    """An acceptance of no text at all is none."""

    code = "terms_nothing_accepted"
    public = "Aucune condition n'a été acceptée."
