// Where the reference provider keeps its things: one table, prepared statements, an index for every way of asking.
import pg from 'pg';

export const pool = new pg.Pool({ max: 10 });

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS payloads (
    kind text NOT NULL, id text NOT NULL, payload jsonb NOT NULL, grant_id text, uid text, user_code text,
    expires_at timestamptz, consumed_at timestamptz, PRIMARY KEY (kind, id));
  CREATE INDEX IF NOT EXISTS payloads_grant ON payloads (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS payloads_uid ON payloads (kind, uid) WHERE uid IS NOT NULL;`;

const COLUMNS = 'payload, consumed_at FROM payloads';
const LIVING = '(expires_at IS NULL OR expires_at > now())';

// A named query is parsed by PostgreSQL once a connection.
const prepared = (name, text) => (...values) => pool.query({ name, text, values });
const upsert = prepared('upsert', `
  INSERT INTO payloads (kind, id, payload, grant_id, uid, user_code, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
    user_code = excluded.user_code, expires_at = excluded.expires_at`);
const byId = prepared('by-id', `SELECT ${COLUMNS} WHERE kind = $1 AND id = $2 AND ${LIVING}`);
const byUid = prepared('by-uid', `SELECT ${COLUMNS} WHERE kind = $1 AND uid = $2 AND ${LIVING}`);
const byUserCode = prepared('by-user-code', `SELECT ${COLUMNS} WHERE kind = $1 AND user_code = $2 AND ${LIVING}`);
const consume = prepared('consume', 'UPDATE payloads SET consumed_at = now() WHERE kind = $1 AND id = $2');
const destroy = prepared('destroy', 'DELETE FROM payloads WHERE kind = $1 AND id = $2');
const revoke = prepared('revoke', 'DELETE FROM payloads WHERE grant_id = $1');

export const migrate = () => pool.query(SCHEMA);

const found = ({ rows: [row] }) => row && (row.consumed_at ? { ...row.payload, consumed: true } : row.payload);

export class PostgresAdapter {
  constructor(kind) {
    this.kind = kind;
  }

  async upsert(id, payload, lifetime) {
    const { grantId = null, uid = null, userCode = null } = payload;
    const expires = lifetime ? new Date(Date.now() + lifetime * 1000) : null;
    await upsert(this.kind, id, JSON.stringify(payload), grantId, uid, userCode, expires);
  }

  async find(id) {
    return found(await byId(this.kind, id));
  }

  async findByUid(uid) {
    return found(await byUid(this.kind, uid));
  }

  async findByUserCode(code) {
    return found(await byUserCode(this.kind, code));
  }

  async consume(id) {
    await consume(this.kind, id);
  }

  async destroy(id) {
    await destroy(this.kind, id);
  }

  async revokeByGrantId(grantId) {
    await revoke(grantId);
  }
}
