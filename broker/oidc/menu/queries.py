"""The statements of the menu: plain SQL, one each, however many accounts there are."""

from broker.oidc.queries import LINK_STANDS, LIVING_SESSION, STANDING

ASKING = f"""
SELECT y.version, g.client_id, g.session_id, g.identity_id, g.account_id, g.link_id, g.scope, i.default_link_id,
       a.public_id, a.identifier, a.label
FROM grants g
JOIN syndics y ON y.id = g.syndic_id
JOIN login_sessions s ON s.id = g.session_id
JOIN legacy_accounts a ON a.id = g.account_id
LEFT JOIN identities i ON i.id = g.identity_id
WHERE g.id = %(grant)s AND g.syndic_id = %(syndic)s AND {STANDING} AND {LINK_STANDS} AND {LIVING_SESSION}
"""
"""For whom the menu is, if the grant stands and its login session lives: switching needs that session."""

_OF_THE_PERSON = """
FROM links l
JOIN legacy_accounts a ON a.id = l.account_id
JOIN syndics b ON b.id = l.syndic_id AND b.status = 'active'
WHERE l.identity_id = %(identity)s AND l.state = 'active' AND a.state <> 'closed'
  AND (l.syndic_id = %(syndic)s OR EXISTS (
      SELECT FROM menu_shares m WHERE m.identity_id = l.identity_id AND m.syndic_id = l.syndic_id))
"""
"""The accounts at the menu's own syndic, and those elsewhere that the person shows in other menus: whether that syndic
lets its accounts be listed here is for `trust`."""

_DOOR = """
(SELECT c.initiate_login_uri FROM clients c
 WHERE c.syndic_id = b.id AND c.status = 'active' AND c.initiate_login_uri IS NOT NULL
 ORDER BY c.id = %(client)s DESC, c.created_at DESC LIMIT 1)
"""
"""Where a sign-in at the account's syndic begins: at the asking client itself, where it is one of that syndic."""

ENTRIES = f"""
SELECT l.id AS link_id, l.syndic_id, l.account_id, l.label AS own, a.public_id, a.identifier, a.label,
       b.name, b.slug, b.logo IS NOT NULL AS has_logo, {_DOOR} IS NOT NULL AS opens
{_OF_THE_PERSON}
ORDER BY l.syndic_id <> %(syndic)s, b.name, b.id, l.created_at, l.id
"""

TARGET = f"""
SELECT l.syndic_id, l.label AS own, a.public_id, a.identifier, a.label, b.name, b.slug, {_DOOR} AS door
{_OF_THE_PERSON} AND l.id = %(link)s
  AND EXISTS (SELECT FROM clients c WHERE c.id = %(client)s AND c.status = 'active')
"""
"""The one account that a switch leads to, if the client whose menu showed it is one still."""
