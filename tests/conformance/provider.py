"""A provider as its relying parties and its user know it, whoever wrote it."""

import ssl
from dataclasses import dataclass, field
from typing import Literal

from joserfc.jwk import ECKey

from tests.browser import Page

AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]


@dataclass(frozen=True)
class Client:
    """A registered relying party."""

    client_id: str
    client_secret: str
    redirect_uri: str
    post_logout_redirect_uri: str
    auth_method: AuthMethod = "client_secret_basic"
    key: ECKey | None = None
    """Of `private_key_jwt`."""


@dataclass(frozen=True)
class Clients:
    """The relying parties that the tests play."""

    first: Client
    second: Client
    posting: Client
    """Authenticates by `client_secret_post`."""
    signing: Client
    """Authenticates by `private_key_jwt`, with its keys registered."""
    backchannel: Client
    """Wants logout tokens with `sid` at `/backchannel/backchannel_logout`."""
    frontchannel: Client
    """Wants a frame with `iss` and `sid` at `/frontchannel/frontchannel_logout`."""


@dataclass(frozen=True)
class Pages:
    """How a person recognises and fills in the provider's pages: labels of fields, names of buttons."""

    login_fields: dict[str, str]
    login_button: str
    consent_button: str
    logout_button: str


@dataclass(frozen=True)
class Provider:
    """A running provider."""

    issuer: str
    clients: Clients
    pages: Pages
    trust: ssl.SSLContext | bool = True
    """What its TLS certificate is checked with."""
    lacks: dict[str, str] = field(default_factory=dict)
    """Modules that it cannot pass for want of a feature, by test name, with the reason."""

    def asks_to_sign_in(self, page: Page) -> bool:
        """Whether this is its login page."""
        return page.has("button", self.pages.login_button) and page.soup.find("input", type="password") is not None

    def sign_in(self, page: Page) -> Page:
        """Fill in the login page."""
        return page.submit(self.pages.login_button, **self.pages.login_fields)

    def asks_to_consent(self, page: Page) -> bool:
        """Whether this is its consent page."""
        return page.has("button", self.pages.consent_button)

    def consent(self, page: Page) -> Page:
        """Agree."""
        return page.submit(self.pages.consent_button)

    def asks_to_sign_out(self, page: Page) -> bool:
        """Whether this page asks before it signs out."""
        return page.has("button", self.pages.logout_button)

    def sign_out(self, page: Page) -> Page:
        """Confirm it."""
        return page.submit(self.pages.logout_button)
