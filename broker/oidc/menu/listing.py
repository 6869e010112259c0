"""Which of an owner's accounts an extranet's menu shows, and how: no more of a partner's than the owner wrote.

An account at a partner has no name of its own here but what its owner called it, and an id that is made for this
client and this login session: neither leads anywhere else. The default is one of those that are shown, so that no
menu tells by its absence that there are more.
"""

from collections import Counter
from typing import Any

import psycopg
from flask_babel import gettext

from broker.oidc.errors import BearerError
from broker.oidc.menu import queries, switching
from broker.oidc.tokens import AccessToken
from config import clock, secrets
from config.settings import settings
from tenants.clients.pictures import RegisteredSyndic
from tenants.clients.registry import confirm
from tenants.trust import service as trust

SCOPE = "accounts"
ID_LENGTH = 32
Cursor = psycopg.Cursor[dict[str, Any]]
Row = dict[str, Any]
Entry = dict[str, Any]


def entries(sql: Cursor, syndic: RegisteredSyndic, token: AccessToken) -> list[Entry]:
    """The menu for the holder of this token: the syndic's own accounts first, in the order of DESIGN section 4.

    Raises:
        BearerError: the grant stands no more, its login session does not live, or it lacks the scope `accounts`.
        ConfigurationChangedError: the syndic is not what the picture says.
    """
    asking = _asking(sql, syndic, token)
    if asking["link_id"] is None:
        return [_legacy(syndic, asking)]
    rows = _visible(sql, syndic, asking)
    default = _default(rows, asking)
    names = _names(rows)
    return [_entry(syndic, asking, row, names[row["link_id"]], default=row is default) for row in rows]


def _asking(sql: Cursor, syndic: RegisteredSyndic, token: AccessToken) -> Row:
    values = {"grant": token.grant, "syndic": syndic.id, "now": clock.now()}
    row = sql.execute(queries.ASKING, values).fetchone()
    if row is None:
        raise BearerError("invalid_token")
    confirm(syndic, row["version"])
    client = syndic.clients.get(token.client_id)
    if client is None or not client.active:
        raise BearerError("invalid_token")
    if SCOPE not in set(row["scope"].split()) & token.scopes:
        raise BearerError("insufficient_scope", 403)
    return row


def _visible(sql: Cursor, syndic: RegisteredSyndic, asking: Row) -> list[Row]:
    """The same statements for every person: when an answer comes says nothing of accounts that it does not show."""
    values = {"identity": asking["identity_id"], "syndic": syndic.id, "client": asking["client_id"]}
    rows = sql.execute(queries.ENTRIES, values).fetchall()
    listed = trust.trusted(syndic.id, {row["syndic_id"] for row in rows}, "list")
    return [row for row in rows if row["syndic_id"] in listed]


def _default(rows: list[Row], asking: Row) -> Row | None:
    """The default account, or where it is not shown the one that opens in its place."""
    chosen = next((row for row in rows if row["link_id"] == asking["default_link_id"]), None)
    return chosen or (rows[0] if rows else None)


def _names(rows: list[Row]) -> dict[Any, str]:
    """A name for each account that its owner has not named: its place among those of its syndic."""
    place: Counter[Any] = Counter()
    named = {}
    for row in rows:
        place[row["syndic_id"]] += 1
        named[row["link_id"]] = gettext("Compte %(number)d", number=place[row["syndic_id"]])
    return named


def _entry(syndic: RegisteredSyndic, asking: Row, row: Row, neutral: str, *, default: bool) -> Entry:
    home = row["syndic_id"] == syndic.id
    session_id, client_id, link_id = asking["session_id"], asking["client_id"], row["link_id"]
    known_here = row["label"] or row["identifier"] if home else neutral
    return {
        "id": row["public_id"] if home else _handle(str(session_id), str(client_id), str(link_id)),
        "label": row["own"] or known_here,
        "syndic": _syndic(row["name"], row["slug"], has_logo=row["has_logo"]),
        "current": row["account_id"] == asking["account_id"],
        "default": default,
        "switch_uri": switching.address(syndic, session_id, client_id, link_id) if row["opens"] else None,
    }


def _legacy(syndic: RegisteredSyndic, asking: Row) -> Entry:
    """A sign-in with printed codes sees its one account, and there is nothing to switch to."""
    return {
        "id": asking["public_id"],
        "label": asking["label"] or asking["identifier"],
        "syndic": _syndic(syndic.name, syndic.slug, has_logo=syndic.has_logo),
        "current": True,
        "default": True,
        "switch_uri": None,
    }


def _syndic(name: str, slug: str, *, has_logo: bool) -> Entry:
    logo = f"{settings().base_url}/logos/{slug}.png" if has_logo else None
    return {"name": name, "slug": slug, "logo_uri": logo}


def _handle(*parts: str) -> str:
    return secrets.keyed(settings().keys.name_key, "menu", *parts).hex()[:ID_LENGTH]
