"""Why a client or a key cannot be added."""

from config.errors import NotFound, Refusal


class BadClient(Refusal):
    """Client metadata that cannot be taken; the private text says which fields, and why."""

    code = "invalid_client_metadata"


class UnknownKey(NotFound):
    """No such key, or another syndic's: both answer alike."""

    code = "unknown_key"
