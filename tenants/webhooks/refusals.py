"""Why an endpoint cannot be registered or found."""

from config.errors import NotFound, Refusal


class BadEndpoint(Refusal):
    """An endpoint that cannot be taken; the private text says why."""

    code = "bad_webhook"


class TooManyEndpoints(Refusal):
    """The syndic has as many as a syndic may have."""

    code = "too_many_webhooks"
    status = 409


class UnknownEndpoint(NotFound):
    """No such endpoint, or another syndic's: both answer alike."""

    code = "unknown_webhook"
