"""The signed return path of a mail: the envelope's sender, by which a notice of delivery finds the mail it is about.

`bounces+<token>@domain`: the token is the mail's id and a MAC, so that nobody makes one who has not seen the mail's
envelope, and it holds no address. It is base32 in small letters: servers on the way may change the case of an address.
"""

import base64
import re
import uuid

from config import secrets
from config.settings import settings

MAC_BYTES = 10
TOKEN = re.compile(r"\+([a-z2-7]{42})@", re.IGNORECASE)
PADDING = "=" * 6


def of_mail(mail_id: uuid.UUID) -> str | None:
    """The mail's return path; None where the settings name no address for notices."""
    address = settings().mail_bounce
    if address is None:
        return None
    local, _, domain = address.partition("@")
    token = base64.b32encode(mail_id.bytes + _mac(mail_id)).decode().rstrip("=").lower()
    return f"{local}+{token}@{domain}"


def mails_in(text: str) -> set[uuid.UUID]:
    """The mails whose return paths stand in a text, rightly signed."""
    read = (base64.b32decode(token.upper() + PADDING) for token in TOKEN.findall(text))
    pairs = ((uuid.UUID(bytes=raw[:16]), raw[16:]) for raw in read)
    return {mail_id for mail_id, mac in pairs if secrets.same(mac, _mac(mail_id))}


def _mac(mail_id: uuid.UUID) -> bytes:
    return secrets.mac(settings().keys.return_path_key, mail_id.bytes)[:MAC_BYTES]
