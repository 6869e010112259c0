"""The broker's side of the wire, as small as an extranet's tests need it: published keys, and a code flow.

The journeys run the extranets against the real broker; here the answers can be made false on purpose.
"""

import hashlib
import secrets
import time
import uuid
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

SUBJECT = "titulaire-1"


def new_key() -> ECKey:
    """A fresh P-256 key with an id."""
    return ECKey.generate_key("P-256", {"kid": uuid.uuid4().hex, "alg": "ES256", "use": "sig"})


@dataclass
class StandIn:
    """What the answers are made of; tests change `claims`, `userinfo` and `answer_iss` to lie."""

    url: str = ""
    key: ECKey = field(default_factory=new_key)
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    answer_iss: str | None = None
    error: str | None = None
    asked: dict[str, str] = field(default_factory=dict)
    logout: dict[str, str] = field(default_factory=dict)
    announced: dict[str, str] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)
    refuses_associations: bool = False
    accounts: list[dict[str, Any]] | None = None
    """What the menu lists; None: it lists nothing any more."""

    @property
    def issuer(self) -> str:
        """The issuer of the one syndic."""
        return f"{self.url}/t/merle-bleu"

    def connector_token(self, *, audience: str, body: bytes, changed: dict[str, object] | None = None) -> str:
        """A connector's JWT for one call; a claim given as None is left out, `signed_by` is another key."""
        changed = dict(changed or {})
        key = changed.pop("signed_by", self.key)
        assert isinstance(key, ECKey)
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "exp": int(time.time()) + 50,
            "jti": uuid.uuid4().hex,
            "body_sha256": hashlib.sha256(body).hexdigest(),
        } | changed
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": key.kid}, kept, key)

    def app(self, url: str) -> Flask:
        """Everything below `url`."""
        self.url = url
        app = Flask(__name__)
        self._add_metadata(app)
        self._add_flow(app)
        self._add_accounts(app)
        return app

    def _add_metadata(self, app: Flask) -> None:
        @app.get("/t/merle-bleu/.well-known/openid-configuration")
        def metadata() -> ResponseReturnValue:
            return jsonify(
                issuer=self.issuer,
                authorization_endpoint=f"{self.issuer}/authorize",
                token_endpoint=f"{self.issuer}/token",
                userinfo_endpoint=f"{self.issuer}/userinfo",
                end_session_endpoint=f"{self.issuer}/end-session",
                association_endpoint=f"{self.issuer}/associations",
                accounts_endpoint=f"{self.issuer}/accounts",
                jwks_uri=f"{self.issuer}/jwks",
                id_token_signing_alg_values_supported=["ES256"],
                authorization_response_iss_parameter_supported=True,
            )

        @app.get("/t/merle-bleu/jwks")
        @app.get("/t/merle-bleu/connector/jwks")
        @app.get("/t/merle-bleu/webhooks/jwks")
        def keys() -> ResponseReturnValue:
            return jsonify(KeySet([self.key]).as_dict(private=False))

    def _add_flow(self, app: Flask) -> None:
        @app.get("/t/merle-bleu/authorize")
        def authorize() -> ResponseReturnValue:
            self.asked = request.args.to_dict()
            result = {"error": self.error} if self.error else {"code": secrets.token_urlsafe()}
            answer = result | {"state": self.asked["state"], "iss": self.answer_iss or self.issuer}
            return redirect(f"{self.asked['redirect_uri']}?{urlencode(answer)}")

        @app.post("/t/merle-bleu/token")
        def token() -> ResponseReturnValue:
            credentials = b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
            challenge = urlsafe_b64encode(hashlib.sha256(request.form["code_verifier"].encode()).digest())
            proved = challenge.rstrip(b"=").decode() == self.asked["code_challenge"]
            if credentials != "extranet-1:secret-1" or not proved:
                return jsonify(error="invalid_client"), 401
            return jsonify(access_token="jeton", token_type="Bearer", expires_in=300, id_token=self._id_token())

        @app.get("/t/merle-bleu/userinfo")
        def userinfo() -> ResponseReturnValue:
            if request.headers.get("Authorization") != "Bearer jeton":
                return jsonify(error="invalid_token"), 401
            return jsonify({"sub": SUBJECT} | self.userinfo)

        @app.get("/t/merle-bleu/end-session")
        def end_session() -> ResponseReturnValue:
            self.logout = request.args.to_dict()
            return redirect(f"{self.logout['post_logout_redirect_uri']}?state={self.logout['state']}")

    def _add_accounts(self, app: Flask) -> None:
        @app.get("/t/merle-bleu/accounts")
        def accounts() -> ResponseReturnValue:
            allowed = request.headers.get("Authorization") == "Bearer jeton"
            return jsonify(self.accounts) if allowed and self.accounts is not None else ("", 401)

        @app.post("/t/merle-bleu/associations")
        def associations() -> ResponseReturnValue:
            credentials = b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
            if credentials != "extranet-1:secret-1" or self.refuses_associations:
                return jsonify(error="invalid_request"), 400
            self.announced = request.form.to_dict()
            return jsonify(request_uri="urn:example:1", expires_in=60), 201

        @app.get("/t/merle-bleu/associate")
        def associate() -> ResponseReturnValue:
            self.opened = request.args.to_dict()
            return "Associer ce compte ?"

    def _id_token(self) -> str:
        now = int(time.time())
        own = {
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": self.asked["client_id"],
            "iat": now,
            "exp": now + 300,
        }
        claims = own | {"nonce": self.asked["nonce"]} | self.claims
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)
