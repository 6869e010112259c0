"""The statements of the sign-in path: plain SQL, few round trips, no unit of work (DESIGN section 4)."""

LIVING_SESSION = """
s.ended_at IS NULL AND s.expires_at > %(now)s AND s.seen_at + make_interval(secs => s.idle_s) > %(now)s
"""

SESSIONS = f"""
SELECT s.id, s.identity_id, s.account_id, s.identity_epoch, s.authenticated_at, s.acr, s.amr, s.seen_at,
       i.default_link_id,
       ARRAY(SELECT coalesce(o.syndic_id::text, '') FROM session_origins o WHERE o.session_id = s.id) AS origins
FROM login_sessions s
LEFT JOIN identities i ON i.id = s.identity_id
LEFT JOIN legacy_accounts a ON a.id = s.account_id
WHERE s.token_digest = ANY(%(tokens)s) AND {LIVING_SESSION}
  AND (i.epoch = s.identity_epoch OR (a.epoch = s.account_epoch AND a.syndic_id = %(syndic)s))
ORDER BY s.authenticated_at DESC
"""
"""The living sessions of this browser that may sign in at this syndic, the newest sign-in first."""

ACCOUNTS = """
SELECT l.id AS link_id, l.sub, a.id AS account_id, a.public_id, cs.used_at
FROM links l
JOIN legacy_accounts a ON a.id = l.account_id
LEFT JOIN client_sessions cs ON cs.session_id = %(session)s AND cs.client_id = %(client)s AND cs.account_id = a.id
WHERE l.identity_id = %(identity)s AND l.syndic_id = %(syndic)s AND l.state = 'active' AND a.state <> 'closed'
ORDER BY l.created_at, l.id
"""
"""The accounts that an identity may enter at this syndic, with when this client last used each in this session."""

LEGACY_ACCOUNT = """
SELECT NULL::uuid AS link_id, a.sub, a.id AS account_id, a.public_id, NULL::timestamptz AS used_at
FROM legacy_accounts a WHERE a.id = %(account)s AND a.syndic_id = %(syndic)s AND a.state <> 'closed'
"""
"""The one account of a legacy sign-in."""

ISSUE_CODE = """
WITH used AS (
    INSERT INTO client_sessions (id, session_id, client_id, account_id, sid, used_at)
    VALUES (%(client_session_id)s, %(session)s, %(client)s, %(account)s, %(sid)s, %(now)s)
    ON CONFLICT (session_id, client_id, account_id) DO UPDATE SET used_at = EXCLUDED.used_at
    RETURNING sid
), allowed AS (
    INSERT INTO grants (id, syndic_id, client_id, session_id, account_id, link_id, identity_id, identity_epoch,
                        origin_id, sub, sid, scope, acr, amr, auth_time, claims, created_at, expires_at)
    SELECT %(grant)s, %(syndic)s, %(client)s, %(session)s, %(account)s, %(link)s, %(identity)s, %(identity_epoch)s,
           %(origin)s, %(sub)s, used.sid, %(scope)s, %(acr)s, %(amr)s, %(auth_time)s, %(claims)s, %(now)s,
           %(grant_expires)s
    FROM used RETURNING id
), seen AS (
    UPDATE login_sessions SET seen_at = %(now)s WHERE id = %(session)s AND seen_at < %(notice_before)s
)
INSERT INTO authorization_codes (digest, grant_id, redirect_uri, nonce, code_challenge, expires_at)
SELECT %(digest)s, allowed.id, %(redirect_uri)s, %(nonce)s, %(code_challenge)s, %(code_expires)s FROM allowed
"""
"""Everything that a code rests on, in one statement."""

STANDING = """
g.revoked_at IS NULL AND g.expires_at > %(now)s AND c.status = 'active' AND y.status = 'active'
  AND s.ended_at IS NULL AND s.expires_at > %(now)s AND a.state <> 'closed'
  AND CASE WHEN g.link_id IS NULL THEN a.epoch = s.account_epoch
           ELSE l.state = 'active' AND i.epoch = g.identity_epoch END
"""
"""Whether a grant still stands: asked at every use, so that an end anywhere ends it here (DESIGN section 2)."""

_GRANT_TABLES = """
grants g
JOIN clients c ON c.id = g.client_id
JOIN syndics y ON y.id = g.syndic_id
JOIN login_sessions s ON s.id = g.session_id
JOIN legacy_accounts a ON a.id = g.account_id
LEFT JOIN links l ON l.id = g.link_id
LEFT JOIN identities i ON i.id = g.identity_id
"""

TAKE_CODE = f"""
WITH taken AS (
    UPDATE authorization_codes SET used_at = %(now)s
    WHERE digest = %(digest)s AND used_at IS NULL AND expires_at > %(now)s
    RETURNING grant_id, redirect_uri, nonce, code_challenge
)
SELECT taken.*, g.id, g.client_id, g.syndic_id, g.sub, g.sid, g.scope, g.acr, g.amr, g.auth_time, g.claims,
       g.identity_id, g.expires_at
FROM taken JOIN {_GRANT_TABLES} ON g.id = taken.grant_id
WHERE g.client_id = %(client)s AND g.syndic_id = %(syndic)s AND {STANDING}
"""
"""Redeem a code: of any number of redemptions one gets the row. Another client's try burns it."""

REVOKE_BY_CODE = """
UPDATE grants SET revoked_at = %(now)s
WHERE id IN (SELECT grant_id FROM authorization_codes WHERE digest = %(digest)s AND used_at IS NOT NULL)
  AND revoked_at IS NULL
"""
"""A code used twice takes back what it gave (RFC 6749 §4.1.2)."""

USERINFO = f"""
SELECT g.sub, g.scope, g.claims, g.identity_id, a.public_id, a.identifier, a.holder, a.email, a.label, l.label AS own,
       i.profile, i.email AS identity_email, i.locale, i.created_at AS identity_since, a.imported_at,
       ARRAY(SELECT r.claim FROM claim_releases r
             WHERE r.identity_id = g.identity_id AND r.syndic_id = g.syndic_id) AS released
FROM {_GRANT_TABLES}
WHERE g.id = %(grant)s AND g.syndic_id = %(syndic)s AND {STANDING}
"""
"""What userinfo tells, if the grant still stands."""

OWN_ACCOUNTS = """
SELECT a.public_id, a.identifier, a.label, l.label AS own
FROM links l JOIN legacy_accounts a ON a.id = l.account_id
WHERE l.identity_id = %(identity)s AND l.syndic_id = %(syndic)s AND l.state = 'active' AND a.state <> 'closed'
ORDER BY l.created_at, l.id
"""
"""All of an owner's accounts at one syndic, for the `accounts` claim."""
