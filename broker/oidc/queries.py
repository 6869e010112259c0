"""The statements of the sign-in path: plain SQL, few round trips, no unit of work (DESIGN section 4)."""

from tenants.trust import service as trust

LIVING_SESSION = """
s.ended_at IS NULL AND NOT s.terms_due AND s.expires_at > %(now)s
AND s.seen_at + make_interval(secs => s.idle_s) > %(now)s
"""

_ACCEPTED = trust.condition("o.syndic_id", "%(syndic)s::uuid", "'switch'", "%(now)s")

SIGN_INS = f"""
SELECT y.version, s.id, s.account_id AS legacy_account_id, s.authenticated_at, s.acr, s.seen_at, i.default_link_id,
       ARRAY(SELECT o.syndic_id FROM session_origins o
             WHERE o.session_id = s.id AND o.syndic_id IS NOT NULL AND {_ACCEPTED} ORDER BY o.id) AS origins,
       l.id AS link_id, coalesce(l.sub, s.sub, a.sub) AS sub, a.id AS account_id, a.public_id, cs.sid, cs.used_at
FROM syndics y
LEFT JOIN (
    login_sessions s
    LEFT JOIN identities i ON i.id = s.identity_id AND i.epoch = s.identity_epoch
    LEFT JOIN links l ON l.identity_id = i.id AND l.syndic_id = %(syndic)s AND l.state = 'active'
    LEFT JOIN legacy_accounts a ON a.id = coalesce(l.account_id, s.account_id) AND a.syndic_id = %(syndic)s
                               AND a.state <> 'closed' AND (s.account_id IS NULL OR a.epoch = s.account_epoch)
    LEFT JOIN client_sessions cs ON cs.session_id = s.id AND cs.client_id = %(client)s AND cs.account_id = a.id
) ON s.token_digest IN (%(token)s, %(legacy_token)s) AND {LIVING_SESSION} AND coalesce(i.id, a.id) IS NOT NULL
WHERE y.id = %(syndic)s
ORDER BY s.authenticated_at DESC, l.created_at, l.id
"""
"""The living sessions of this browser, the newest sign-in first, each with a row per account that it may enter at this
syndic, and when this client last used that one. `origins`: where it was authenticated, here or at one that this syndic
trusts for `switch`. Of a sign-in elsewhere nothing else is told, so that it answers as none does."""

FACTORS = """
SELECT EXISTS (SELECT 1 FROM passkeys p WHERE p.identity_id = s.identity_id) AS passkey,
       EXISTS (SELECT 1 FROM authenticator_apps t
               WHERE t.identity_id = s.identity_id AND t.confirmed_at IS NOT NULL) AS app
FROM login_sessions s WHERE s.id = %(session)s
"""
"""What the person of a session has enrolled: asked only where a request wishes for more than the session has shown."""

_GRANT = """
INSERT INTO grants (id, syndic_id, client_id, session_id, account_id, link_id, identity_id, identity_epoch, origin_id,
                    sub, sid, scope, acr, amr, auth_time, claims, created_at, expires_at,
                    code_digest, code_expires_at, redirect_uri, nonce, code_challenge, dpop_jkt)
SELECT %(grant)s, %(syndic)s, %(client)s, s.id, %(account)s, %(link)s, s.identity_id, s.identity_epoch, {origin},
       %(sub)s, {sid}, %(scope)s, %(acr)s, s.amr, s.authenticated_at, %(claims)s, %(now)s, %(grant_expires)s,
       %(digest)s, %(code_expires)s, %(redirect_uri)s, %(nonce)s, %(code_challenge)s, %(dpop_jkt)s
FROM login_sessions s {more} WHERE s.id = %(session)s AND s.authenticated_at = %(auth_time)s
RETURNING id
"""

_NOTICED = """
WITH used AS (
    INSERT INTO client_sessions (id, session_id, client_id, account_id, sid, sub, used_at)
    VALUES (%(client_session_id)s, %(session)s, %(client)s, %(account)s, %(new_sid)s, %(sub)s, %(now)s)
    ON CONFLICT (session_id, client_id, account_id) DO UPDATE SET sub = EXCLUDED.sub, used_at = EXCLUDED.used_at
    RETURNING sid
), seen AS (
    UPDATE login_sessions SET seen_at = %(now)s WHERE id = %(session)s AND seen_at < %(notice_before)s
)
"""

GRANT = _GRANT.format(origin="%(syndic)s", sid="%(sid)s", more="")
"""A grant with its code, for the sign-in that was decided upon: not for one that was made anew meanwhile."""

GRANT_AND_NOTICE = _NOTICED + _GRANT.format(origin="%(syndic)s", sid="used.sid", more=", used")
"""The same, where the client is new in this session or comes for another account, or the session is noticed."""

GRANT_FROM_ELSEWHERE = _NOTICED + _GRANT.format(
    origin="origin.id",
    sid="used.sid",
    more=f""", used, LATERAL (
    SELECT o.id FROM unnest(%(origins)s::uuid[]) AS o (id)
    WHERE {trust.condition("o.id", "%(syndic)s::uuid", "'switch'", "%(now)s")} LIMIT 1
) AS origin""",
)
"""The same, for a sign-in that took place elsewhere: only if this syndic trusts one of these others for `switch`."""

STANDING = f"""
g.revoked_at IS NULL AND g.expires_at > %(now)s
AND s.ended_at IS NULL AND s.expires_at > %(now)s AND a.state <> 'closed'
AND (g.origin_id IS NULL OR {trust.condition("g.origin_id", "g.syndic_id", "'switch'", "%(now)s")})
"""
"""Whether a grant still stands, as far as session, account and trust tell: asked at every use, so that an end anywhere
ends it here (DESIGN section 2). Whether client and syndic are active, the picture tells that the version confirms."""

LINK_STANDS = """
CASE WHEN g.link_id IS NULL THEN a.epoch = s.account_epoch
     ELSE (SELECT l.state = 'active' AND i.epoch = g.identity_epoch
           FROM links l JOIN identities i ON i.id = l.identity_id WHERE l.id = g.link_id) END
"""
"""A scalar subquery, not EXISTS: that might be answered by hashing all links."""

_GRANTED = """
g.id, g.client_id, g.sub, g.sid, g.scope, g.acr, g.amr, g.auth_time, g.claims, g.redirect_uri, g.nonce,
g.code_challenge, g.dpop_jkt
"""

TAKE_CODE = f"""
UPDATE grants g
SET code_used_at = %(now)s,
    expires_at = CASE WHEN %(offline)s = ANY (string_to_array(g.scope, ' '))
                      THEN least(s.expires_at, %(idle)s) ELSE g.expires_at END
FROM syndics y, login_sessions s, legacy_accounts a
WHERE g.id = %(grant)s AND g.code_digest = %(digest)s AND g.code_used_at IS NULL AND g.code_expires_at > %(now)s
  AND g.client_id = %(client)s AND g.syndic_id = %(syndic)s
  AND y.id = g.syndic_id AND y.version = %(version)s AND s.id = g.session_id AND a.id = g.account_id
  AND {STANDING} AND {LINK_STANDS}
RETURNING {_GRANTED}
"""
"""Redeem a code, on the configuration of that version: of any number of redemptions one gets the row."""

BURN_CODE = """
UPDATE grants SET revoked_at = coalesce(revoked_at, %(now)s), code_used_at = coalesce(code_used_at, %(now)s)
WHERE id = %(grant)s AND code_digest = %(digest)s AND syndic_id = %(syndic)s
"""
"""A code that comes twice, late, or from another client takes back what it gave (RFC 6749 §4.1.2)."""

REFRESH = f"""
UPDATE grants g
SET refreshed_at = CASE WHEN g.refreshed_generation < %(generation)s THEN %(now)s ELSE g.refreshed_at END,
    refreshed_generation = %(generation)s,
    expires_at = least(s.expires_at, %(idle)s)
FROM syndics y, login_sessions s, legacy_accounts a
WHERE g.id = %(grant)s AND g.client_id = %(client)s AND g.syndic_id = %(syndic)s
  AND y.id = g.syndic_id AND y.version = %(version)s AND s.id = g.session_id AND a.id = g.account_id
  AND (g.refreshed_generation < %(generation)s
       OR (g.refreshed_generation = %(generation)s AND g.refreshed_at > %(grace)s AND g.refreshed_at <= %(ahead)s))
  AND %(scopes)s::text[] <@ string_to_array(g.scope, ' ')
  AND {STANDING} AND {LINK_STANDS}
RETURNING {_GRANTED}
"""
"""Use a refresh token of that generation: the first use, or the retry of a lost answer.

Where the clock has gone back, a first use lies ahead: that makes no retry's grace longer.
"""

REVOKE_REUSED = """
UPDATE grants SET revoked_at = coalesce(revoked_at, %(now)s)
WHERE id = %(grant)s AND client_id = %(client)s AND syndic_id = %(syndic)s
  AND (refreshed_generation > %(generation)s
       OR (refreshed_generation = %(generation)s AND (refreshed_at <= %(grace)s OR refreshed_at > %(ahead)s)))
RETURNING id
"""
"""A refresh token that was used before is a copy: nobody knows whose, so all of the family end (RFC 9700 §4.14.2)."""

GRANTED_SCOPE = "SELECT scope FROM grants WHERE id = %(grant)s AND client_id = %(client)s AND syndic_id = %(syndic)s"

REVOKE_FAMILY = """
UPDATE grants SET revoked_at = %(now)s
WHERE id = %(grant)s AND client_id = %(client)s AND syndic_id = %(syndic)s AND revoked_at IS NULL
"""
"""End a grant with all its tokens."""

STATE = f"""
SELECT y.version, g.scope, g.expires_at, g.refreshed_generation
FROM grants g
JOIN syndics y ON y.id = g.syndic_id
JOIN login_sessions s ON s.id = g.session_id
JOIN legacy_accounts a ON a.id = g.account_id
WHERE g.id = %(grant)s AND g.syndic_id = %(syndic)s AND {STANDING} AND {LINK_STANDS}
"""
"""Whether a grant stands, for introspection."""

CURRENT_VERSION = "SELECT version FROM syndics WHERE id = %(syndic)s"

USERINFO = f"""
SELECT g.sub, g.scope, g.claims, g.identity_id, y.version,
       a.public_id, a.identifier, a.holder, a.email, a.label, own.label AS own,
       coalesce(own.proofs[1] IN ('invitation', 'second-code'), s.second_code_id IS NOT NULL) AS further,
       a.imported_at, released.claims AS released, released.email AS identity_email, released.locale,
       released.profile,
       CASE WHEN %(accounts)s = ANY (string_to_array(g.scope, ' ')) THEN
           (SELECT json_agg(json_build_object('public_id', b.public_id, 'identifier', b.identifier,
                                              'label', b.label, 'own', l.label) ORDER BY l.created_at, l.id)
            FROM links l JOIN legacy_accounts b ON b.id = l.account_id
            WHERE l.identity_id = g.identity_id AND l.syndic_id = g.syndic_id
              AND l.state = 'active' AND b.state <> 'closed')
       END AS accounts
FROM grants g
JOIN syndics y ON y.id = g.syndic_id
JOIN login_sessions s ON s.id = g.session_id
JOIN legacy_accounts a ON a.id = g.account_id
LEFT JOIN links own ON own.id = g.link_id
LEFT JOIN identities i ON i.id = g.identity_id
LEFT JOIN LATERAL (
    SELECT array_agg(r.claim) AS claims, i.email, i.locale, i.profile
    FROM claim_releases r
    WHERE r.identity_id = i.id AND r.syndic_id = g.syndic_id GROUP BY r.identity_id
) released ON true
WHERE g.id = %(grant)s AND g.syndic_id = %(syndic)s AND {STANDING}
  AND CASE WHEN g.link_id IS NULL THEN a.epoch = s.account_epoch
           ELSE own.state = 'active' AND i.epoch = g.identity_epoch END
"""
"""What userinfo tells, if the grant still stands."""

CHOICE = """
SELECT a.public_id, a.identifier, coalesce(nullif(l.label, ''), a.label) AS label
FROM legacy_accounts a LEFT JOIN links l ON l.id = ANY (%(links)s::uuid[]) AND l.account_id = a.id
WHERE a.id = ANY (%(accounts)s::uuid[])
ORDER BY array_position(%(accounts)s::uuid[], a.id)
"""
"""The accounts among which a sign-in may choose, as a person knows them."""
