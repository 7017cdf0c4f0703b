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
 * ms whose process has no row. At most `$3`. Not those whose settlement waits in the outbox: nobody has to guess. Rows
 * that a settlement or another sweep works on are left to it. `OFFSET 0` keeps Postgres from going through all calls in
 * the order of their ids, until `$3` are in flight: they are few, and have an index.
 */
export const LOCK_ABANDONED = `
  SELECT id
    FROM request
   WHERE status = 'in_flight'
     AND id = ANY (ARRAY(
           SELECT open.id
             FROM (SELECT id, process_id, received_at FROM request WHERE status = 'in_flight' OFFSET 0) AS open
             LEFT JOIN gateway_process ON gateway_process.id = open.process_id
            WHERE (${DEAD} OR (gateway_process.id IS NULL AND open.received_at < now() - $2 * interval '1 ms'))
              AND NOT EXISTS (SELECT FROM settlement_outbox WHERE call_id = open.id AND refused_at IS NULL)
            ORDER BY open.id
            LIMIT $3))
   ORDER BY id
     FOR NO KEY UPDATE SKIP LOCKED`;

/** `$1` call ids, here and below. What a lost call used is unknown. */
export const INSERT_LOST = `
  INSERT INTO ledger_entry (call_id, outcome, usage_known, account_id, metered, pool_id, key_id, settled_by, occurred_at,
                            settled_at, received_at, requested_model, cost_status)
  SELECT id, 'failed', false, last.account_id, coalesce(last.metered, false), pool_id, key_id, 'sweeper', now(), now(),
         received_at, model, 'unknown'
    FROM request
    LEFT JOIN (SELECT DISTINCT ON (request_id) request_id, account_id, metered FROM attempt
                WHERE request_id = ANY($1::uuid[]) ORDER BY request_id, number DESC) AS last ON last.request_id = id
   WHERE id = ANY($1::uuid[])
   ORDER BY id
      ON CONFLICT (call_id) DO NOTHING
  RETURNING call_id AS id`;

/** `$2` error code, `$3` blame. */
export const CLOSE_LOST_REQUESTS = `
  UPDATE request
     SET status = ledger_entry.outcome, completed_at = ledger_entry.occurred_at, error_code = $2, blame = $3,
         attempt_count = coalesce(tried.attempts, 0)
    FROM ledger_entry
    LEFT JOIN (SELECT request_id, count(*) AS attempts FROM attempt
                WHERE request_id = ANY($1::uuid[]) GROUP BY request_id) AS tried ON tried.request_id = call_id
   WHERE ledger_entry.call_id = ANY($1::uuid[]) AND ledger_entry.call_id = request.id
     AND request.id = ANY($1::uuid[]) AND request.status = 'in_flight'`;

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

/** Reservations after the call `$1` that are older than `$2` ms, at most `$3`. */
export const OLD_RESERVATIONS = `
  SELECT call_id AS id
    FROM reservation
   WHERE call_id > $1 AND reserved_at NOT BETWEEN now() - $2 * interval '1 ms' AND now() + interval '1 minute'
   ORDER BY call_id
   LIMIT $3`;

/**
 * Of the reservations `$2` those of calls that are settled, and those that came alone and whose process is gone, `$1` as
 * above and `$3` ms after they were made. Those that somebody works on are left to him.
 */
export const END_STALE_RESERVATIONS = `
  DELETE FROM reservation
   WHERE call_id = ANY (ARRAY(
           SELECT call_id FROM reservation
            WHERE call_id = ANY($2::uuid[])
              AND (call_id IN (SELECT call_id FROM ledger_entry WHERE call_id = ANY($2::uuid[]))
                OR (reserved_at < now() - $3 * interval '1 ms'
                    AND call_id NOT IN (SELECT id FROM request WHERE id = ANY($2::uuid[]))
                    AND NOT EXISTS (SELECT FROM gateway_process
                                     WHERE id = reservation.process_id AND (${DEAD}) IS NOT TRUE)))
            ORDER BY call_id
              FOR UPDATE SKIP LOCKED))
  RETURNING call_id`;
