"""Refusals: what may be said to the one who asked, and what only the log may know."""


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the domain, not a defect
    """A request that the domain turns down.

    `code` is stable and machine-readable; `public` is the sentence for the person who asked (the message id
    of a translation); `private` is the reason for the log. `status` is the HTTP status an edge gives it.
    """

    code = "refused"
    public = "Cette action n'est pas possible."
    status = 400

    def __init__(self, private: str = "", *, public: str | None = None) -> None:
        super().__init__(private or self.code)
        self.private = private
        if public is not None:
            self.public = public


class NotFound(Refusal):
    """What was named does not exist, or not for the one who asked: both answer alike."""

    code = "not_found"
    public = "Cette page n'existe pas."
    status = 404


class Unavailable(Refusal):
    """Something that we depend on does not answer; trying again later is worth it."""

    code = "unavailable"
    public = "Le service est momentanément indisponible. Réessayez dans quelques minutes."
    status = 503
