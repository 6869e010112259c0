"""Every other table: with what its rows leave, or why they stay. A table that stands nowhere here fails a test."""

WITH = {
    "session_origins": "their login session",
    "client_sessions": "their login session",
    "terms_acceptances": "their attempt, where it came to nothing; else their person",
    "ledger_subjects": "the attempt that came to nothing, or the person",
    "ledger_salts": "the same: the chains stay whole without them",
    "claim_releases": "their person",
    "menu_shares": "their person",
    "passkeys": "their person, or at their wish",
    "recovery_codes": "their person, or when new ones are made",
}
"""What goes when something else goes: by the database, or by whoever deletes that."""

ELSEWHERE = {
    "associations": "workers.housekeeping.attempts: what came to nothing, 30 days after its time was over",
    "login_sessions": "workers.housekeeping.sessions: a week after their end",
    "signing_keys": "workers.keys: rotated, private halves erased, public ones forgotten",
    "webhook_keys": "workers.webhooks: the same",
}
"""What leaves by a way of its own."""

KEPT = {
    "syndics": "our customers, and issuers whose tokens may still be shown",
    "clients": "until an operator removes them",
    "legacy_sources": "one a syndic",
    "legacy_accounts": "the syndic's own records; only their tombstones go (workers.housekeeping.tombstones)",
    "webhook_endpoints": "until the syndic removes them",
    "terms_versions": "what people have accepted must be shown to them again",
    "evidence_keys": "proof files of any age must verify",
    "ledger": "evidence: nobody can remove an entry",
    "identities": "until the person is erased (workers.erasure)",
    "links": "how an account was opened, and by whom, is evidence; they go with their person",
    "trust_version": "one row",
    "trust_circles": "few, and evidence of what held between syndics",
    "trust_requests": "the same",
    "trust_tellings": "the same",
    "trust_untold": "the same",
    "trust_members": "the same",
    "trust_agreements": "the same",
    "trust_denials": "the same",
}
"""What stays, and why."""
