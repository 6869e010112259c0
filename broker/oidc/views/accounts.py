"""The menu of an owner's accounts, for the extranet's own pages (JOURNEYS C7; DESIGN section 4)."""

from flask.typing import ResponseReturnValue

from broker.oidc import dpop
from broker.oidc.errors import BearerError
from broker.oidc.menu import listing
from broker.oidc.views import bearer
from broker.oidc.views.blueprint import blueprint, told
from broker.web.syndics import current, rides
from config.database import statements


@blueprint.get("/accounts")
@rides
def accounts() -> ResponseReturnValue:
    """An array of `{"id", "label", "syndic", "current", "default", "switch_uri"}`; refusals as of RFC 6750 §3.1."""
    syndic = current()
    try:
        token = bearer.token(syndic, "accounts")
        with statements() as sql:
            return told(listing.entries(sql, syndic, token))
    except (BearerError, dpop.BadProof) as error:
        return bearer.refused(error, "accounts", listing.SCOPE)
