"""All states by their names."""

from tests.broker.pages.gallery import account, accounts, association, invitations, protocol, security, sign_in
from tests.broker.pages.gallery.state import State

STATES: dict[str, State] = {
    **sign_in.STATES,
    **association.STATES,
    **invitations.STATES,
    **accounts.STATES,
    **account.STATES,
    **security.STATES,
    **protocol.STATES,
}
WELL = tuple(name for name, state in STATES.items() if not state.values.get("alert"))
"""States in which nothing is wrong: an error adds words to a page, and no control."""

LEAVING: dict[str, State] = {
    "form-post": State(
        "oidc/form_post.html", {"action": "/received", "values": {"code": "c", "state": "s", "iss": "https://i"}}
    ),
}
"""The pages that leave by themselves, by a script."""
