"""UserInfo (OIDC Core §5.3), the resource that our access tokens open."""

from flask.typing import ResponseReturnValue

from broker.oidc import dpop
from broker.oidc.claims import userinfo as claims_of
from broker.oidc.errors import BearerError
from broker.oidc.views import bearer
from broker.oidc.views.blueprint import blueprint, told
from broker.web.syndics import current, rides
from config.database import statements


@blueprint.route("/userinfo", methods=["GET", "POST"])
@rides
def userinfo() -> ResponseReturnValue:
    """OIDC Core §5.3."""
    syndic = current()
    try:
        token = bearer.token(syndic, "userinfo")
        with statements() as sql:
            return told(claims_of(sql, syndic, token))
    except (BearerError, dpop.BadProof) as error:
        return bearer.refused(error, "userinfo")
