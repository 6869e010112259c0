"""Login sessions that are over, with what hangs on them: origins, and the `sid` that extranets were given.

Each session says when to look at it again (`look_again_at`), so that an hour's turn reads only those whose time has
come, and never all that live. No extranet is told of an end by time (docs/decisions/0032).
"""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from broker.sessions.models import KEPT
from workers.housekeeping import steps

SOON = timedelta(hours=1)

_LOOK = text(
    """
WITH batch AS (
    SELECT id FROM login_sessions WHERE look_again_at <= :now
    ORDER BY look_again_at LIMIT :batch FOR UPDATE SKIP LOCKED
), judged AS (
    SELECT s.id, least(
        s.ended_at, s.expires_at,
        CASE WHEN (
            SELECT bool_or((
                SELECT 'offline_access' = ANY (string_to_array(c.scope, ' ')) FROM clients c WHERE c.id = t.client_id
            )) FROM client_sessions t WHERE t.session_id = s.id
        ) IS NOT TRUE THEN s.seen_at + make_interval(secs => s.idle_s) END
    ) + CAST(:kept AS interval) AS over, (
        SELECT bool_or(a.state IN ('draft', 'waiting')) FROM associations a WHERE a.session_id = s.id
    ) IS TRUE AS awaited
    FROM login_sessions s WHERE s.id = ANY (ARRAY(SELECT id FROM batch))
), gone AS (
    DELETE FROM login_sessions WHERE id = ANY (ARRAY(SELECT id FROM judged WHERE over <= :now AND NOT awaited))
    RETURNING id
), moved AS (
    UPDATE login_sessions s SET look_again_at = greatest(:soon, (SELECT over FROM judged j WHERE j.id = s.id))
    WHERE id = ANY (ARRAY(SELECT id FROM judged WHERE over > :now OR awaited)) RETURNING id
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM moved)
"""
)
"""A session that is idle for too long signs nobody in any more, but where a client may have refresh tokens, they go on
to the session's last day. `least` leaves out what is null. No table is joined that grows (`config.planning`)."""


def look(work: Session, now: datetime) -> int:
    """Delete sessions that have been over for a week and that no attempt waits for; see to the others when it is time.

    Returns how many were looked at.
    """
    values = {"now": now, "batch": steps.BATCH, "kept": KEPT, "soon": now + SOON}
    return int(work.scalar(_LOOK, values) or 0)
