"""Every grant of the token endpoint is bound to the syndic of its request."""

from broker.oidc.grants import SyndicBoundGrant
from broker.oidc.server import server


def test_every_registered_grant_is_syndic_bound() -> None:
    registered = [grant for grant, _ in server._token_grants]
    assert registered, "the token endpoint has grants"
    assert all(issubclass(grant, SyndicBoundGrant) for grant in registered), registered
    assert not server._authorization_grants or all(
        issubclass(grant, SyndicBoundGrant) for grant, _ in server._authorization_grants
    )
