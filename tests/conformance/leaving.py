"""How a relying party and its user sign out at a provider (OpenID Connect RP-Initiated Logout 1.0)."""

from urllib.parse import parse_qsl, urlsplit

from tests.browser import Page
from tests.conformance import messages
from tests.conformance.agent import Agent
from tests.conformance.discovery import is_safe
from tests.conformance.party import Party

NOT_SIGNED_IN = {"login_required", "interaction_required", "account_selection_required", "consent_required"}


def sign_out(party: Party, agent: Agent, **values: str) -> Page:
    """Send the browser to the end of its session; the person confirms, where it is asked."""
    page = agent.get(party.metadata["end_session_endpoint"], params=values)
    return party.provider.sign_out(page) if party.provider.asks_to_sign_out(page) else page


def is_announced(party: Party) -> None:
    """The endpoint is there."""
    address = party.metadata.get("end_session_endpoint")
    assert address, "end_session_endpoint is announced"
    assert is_safe(address), "and it is https"


def has_returned(party: Party, page: Page, state: str | None) -> None:
    """The browser is back at the registered address with exactly the `state` that was sent, and nothing more."""
    target = party.client.post_logout_redirect_uri
    assert page.url.partition("?")[0] == target, f"the browser was to come back; it is at {page.url}: {page.text[:600]}"
    assert parse_qsl(urlsplit(page.url).query) == ([("state", state)] if state else []), "state alone comes back"


def has_not_returned(party: Party, agent: Agent, page: Page, already: int) -> None:
    """The person reads a page, and since `already` visited addresses none was the relying party's."""
    messages.is_told_to_the_person(page)
    arrived = [each for each in agent.visited[already:] if party.receiver.serves(each)]
    assert not arrived, f"nobody is sent anywhere: {arrived}"


def is_signed_out(party: Party, agent: Agent) -> None:
    """Nobody is signed in in this browser."""
    visit = party.ask(agent, prompt="none")
    party.refusal(visit, NOT_SIGNED_IN)
