/**
 * Statements of the sweep. All times are the database's. A time in the future counts as old: the clock was set back, and
 * a process that lives writes a new one within seconds.
 */

/** First look. `$1` silence in milliseconds. */
export const SUSPECT = `
  UPDATE gateway_process
     SET suspected_at = now()
   WHERE (suspected_at IS NULL OR suspected_at > now())
     AND heartbeat_at NOT BETWEEN now() - $1 * interval '1 ms' AND now() + $1 * interval '1 ms'`;

const DEAD = "suspected_at <= now() - $1 * interval '1 ms'";

/**
 * Second look: calls in flight whose process is still silent `$1` ms after it was suspected, and calls older than `$2`
 * ms whose process has no row. At most `$3`. Rows that a settlement or another sweep works on are left to it.
 */
export const LOCK_ABANDONED = `
  SELECT request.id
    FROM request LEFT JOIN gateway_process ON gateway_process.id = request.process_id
   WHERE request.status = 'in_flight'
     AND (${DEAD} OR (gateway_process.id IS NULL AND request.received_at < now() - $2 * interval '1 ms'))
   ORDER BY request.id
   LIMIT $3
     FOR NO KEY UPDATE OF request SKIP LOCKED`;

/** `$1` call ids, here and below. What a lost call used is unknown. */
export const INSERT_LOST = `
  INSERT INTO ledger_entry (call_id, outcome, usage_known, account_id, metered, pool_id, key_id, settled_by, occurred_at,
                            settled_at, received_at, requested_model, cost_status)
  SELECT id, 'failed', false, last.account_id, coalesce(last.metered, false), pool_id, key_id, 'sweeper', now(), now(),
         received_at, model, 'unknown'
    FROM request
    LEFT JOIN LATERAL (SELECT account_id, metered FROM attempt
                        WHERE request_id = request.id ORDER BY number DESC LIMIT 1) AS last ON true
   WHERE id = ANY($1::uuid[])
   ORDER BY id
      ON CONFLICT (call_id) DO NOTHING`;

/** `$2` error code, `$3` blame. */
export const CLOSE_LOST_REQUESTS = `
  UPDATE request
     SET status = ledger_entry.outcome, completed_at = ledger_entry.occurred_at, error_code = $2, blame = $3,
         attempt_count = (SELECT count(*) FROM attempt WHERE request_id = request.id)
    FROM ledger_entry
   WHERE ledger_entry.call_id = request.id AND request.id = ANY($1::uuid[]) AND request.status = 'in_flight'`;

/** `$2` error code. */
export const CLOSE_LOST_ATTEMPTS = `
  UPDATE attempt
     SET status = 'failed', error_code = $2, completed_at = now()
   WHERE request_id = ANY($1::uuid[]) AND status = 'in_flight'`;

/** Processes that left nothing behind. */
export const FORGET_DEAD = `
  DELETE FROM gateway_process
   WHERE ${DEAD}
     AND NOT EXISTS (SELECT FROM request WHERE process_id = gateway_process.id AND status = 'in_flight')`;
