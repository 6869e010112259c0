"""« Je n'ai pas choisi d'adresse »: the holder of a retired identifier tells the syndic; nothing is suspended (B12).

Who may say it has just typed the right secret; a signed handle of a quarter of an hour carries that to the next page.
"""

from functools import lru_cache

from itsdangerous import BadSignature, URLSafeTimedSerializer

from broker.association.confirmation import masked_identifier
from config import clock
from config.errors import Refusal
from config.mail.service import post
from config.settings import settings
from tenants.audit import service as audit
from tenants.clients.pictures import RegisteredSyndic
from tenants.legacy import service as legacy
from tenants.legacy.models import LegacyAccount

HANDLE_LIFE_S = 900


class HandleGone(Refusal):
    """The page was opened too late, or from elsewhere."""

    code = "dispute_gone"
    public = "Cette page a pris fin. Saisissez de nouveau votre identifiant et son mot de passe, s'il vous plaît."
    status = 410


def handle(public_id: str) -> str:
    """A handle for whoever has just shown the account's secret."""
    return str(_signer().dumps(public_id))


def account_of(syndic: RegisteredSyndic, signed: str) -> LegacyAccount:
    """The account of a handle.

    Raises:
        HandleGone: changed or too old.
        NotFound: another syndic's account.
    """
    try:
        public_id = str(_signer().loads(signed, max_age=HANDLE_LIFE_S))
    except BadSignature as error:
        raise HandleGone("a handle that is not ours or too old") from error
    return legacy.by_public_id(syndic.id, public_id)


def tell(syndic: RegisteredSyndic, account: LegacyAccount) -> None:
    """Tell the syndic, once a day for one account, and keep the evidence."""
    audit.append(syndic.id, "association.disputed", {"account": account.public_id})
    contact = syndic.contact.get("email")
    if contact:
        today = clock.now().date().isoformat()
        post(contact, "association_disputed", account.id, syndic.locale, f"{account.id}:{today}", syndic_id=syndic.id)


def shown(account: LegacyAccount) -> str:
    """The identifier as the page names it."""
    return masked_identifier(account.identifier)


@lru_cache(maxsize=1)
def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().keys.derive("disputes"), salt="account")
