"""Protocol errors of the authorization endpoint: those that may be sent back, and those that may only be shown."""

from config.errors import Refusal


class Unproved(Refusal):
    """Before client and redirect URI are proved nothing is redirected: a page says plainly what is wrong."""

    code = "invalid_request"
    public = "L'adresse par laquelle vous arrivez n'est pas complète. Repartez de votre espace client."


class AuthorizationError(Exception):
    """An error that goes back to the client (RFC 6749 §4.1.2.1). `description` is plain ASCII for developers."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class BearerError(Exception):
    """A protected resource's refusal (RFC 6750 §3.1)."""

    def __init__(self, error: str, status: int = 401) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
