export const INSERT = `
  INSERT INTO login_flow (id, kind, purpose, account_id, label, pool_id, expires_at, created_at, updated_at, status,
                          state_digest, state, verifier, redirect_uri,
                          device_auth_id, user_code, verification_uri, interval_seconds, poll_after, within_pool_ids)
  VALUES ($1, $2, $3, $4, $5, $6, $8, $9, $9, 'pending', $10, $11, $12, $13, $14, $15, $16, $17, $18, $7)`;

export const SELECT = `
  SELECT f.id, f.kind, f.purpose, f.pool_id, f.within_pool_ids, f.account_id, coalesce(f.label, a.label) AS label, f.status, f.state,
         f.redirect_uri, f.verifier, f.device_auth_id, f.user_code, f.verification_uri, f.interval_seconds, f.poll_after,
         f.claimed_until, f.expires_at, f.result_account_id, f.error_code, f.created_at
    FROM login_flow f LEFT JOIN upstream_account a ON a.id = f.account_id`;

/** Parameter: a label. */
export const LABEL_TAKEN = `SELECT 1 FROM upstream_account WHERE label = $1 AND status <> 'deleted'`;

/** Parameter: an account. */
export const RELINKABLE = `SELECT 1 FROM upstream_account WHERE id = $1 AND kind = 'codex' AND status <> 'deleted'`;

/** Parameter: the digest of the state. */
export const LOCK_BY_STATE = `${SELECT} WHERE f.state_digest = $1 FOR UPDATE OF f`;

/** Parameters: id, now, the end of the claim. */
export const CLAIM = `
  UPDATE login_flow SET claimed_until = $3, updated_at = $2
   WHERE id = $1 AND kind = 'device' AND status = 'pending' AND poll_after <= $2 AND expires_at > $2
     AND (claimed_until IS NULL OR claimed_until <= $2)`;

/** Parameters: id, the claim, poll after, interval, now. */
export const RELEASE = `
  UPDATE login_flow SET claimed_until = NULL, poll_after = $3, interval_seconds = $4, updated_at = $5
   WHERE id = $1 AND status = 'pending' AND claimed_until = $2`;

/** No secret outlives `pending`. */
const WITHOUT_SECRETS = 'state = NULL, verifier = NULL, device_auth_id = NULL, poll_after = NULL';

/** Parameters: id, from, to, the claim or null, error code, resulting account, the next claim, now. */
export const MOVE = `
  UPDATE login_flow
     SET status = $3, error_code = $5, result_account_id = $6, claimed_until = $7, updated_at = $8, ${WITHOUT_SECRETS}
   WHERE id = $1 AND status = $2 AND ($4::timestamptz IS NULL OR claimed_until = $4)`;

/** Parameters: now, id or null. What `late` and `interrupted` lead to, at once. */
export const OVERDUE = `
  UPDATE login_flow
     SET status = CASE status WHEN 'pending' THEN 'expired' ELSE 'failed' END,
         error_code = CASE status WHEN 'pending' THEN 'flow_expired' ELSE 'exchange_interrupted' END,
         claimed_until = NULL, updated_at = $1, ${WITHOUT_SECRETS}
   WHERE (status = 'pending' AND expires_at <= $1 OR status = 'exchanging' AND claimed_until <= $1)
     AND ($2::uuid IS NULL OR id = $2)`;

/** Parameter: when it must have been over. */
export const PURGE = `
  DELETE FROM login_flow WHERE status IN ('completed', 'failed', 'cancelled', 'expired') AND updated_at < $1`;
