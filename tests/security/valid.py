"""Valid requests for every endpoint: hostile tests send them with something wrong."""

from tests.security import valid_account, valid_association, valid_holders, valid_portal, valid_protocol
from tests.security.making import VALID, Make

__all__ = ["VALID", "Make", "valid_account", "valid_association", "valid_holders", "valid_portal", "valid_protocol"]
