"""« Mes preuves », its file, and the public keys with which anybody verifies such files."""

import json

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from broker.account.evidence import collected, listing, proof_file
from broker.account.person import current_person
from broker.web.pages import page
from config import clock
from tenants.evidence import keys

KEYS_KEPT_S = 300
public = Blueprint("evidence", __name__, url_prefix="/evidence")


def listed() -> ResponseReturnValue:
    """« Mes preuves »."""
    lines = listing.lines(collected.of(current_person()))
    return page("account/evidence.html", lines=lines)


def download() -> ResponseReturnValue:
    """« Télécharger mon fichier de preuves »."""
    person = current_person()
    made = proof_file.made(collected.of(person), person.email)
    body = json.dumps(made, ensure_ascii=False, indent=2)
    answer = Response(body, mimetype="application/json")
    name = f"mes-preuves-{clock.now():%Y-%m-%d}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@public.get("/keys.json", endpoint="keys")
def public_keys() -> ResponseReturnValue:
    """Every key that ever signed a proof file, as a JWK Set (RFC 7517 §5): none is ever taken away."""
    answer = jsonify(keys=keys.published())
    answer.mimetype = "application/jwk-set+json"
    answer.headers["Cache-Control"] = f"public, max-age={KEYS_KEPT_S}"
    return answer
